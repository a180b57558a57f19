import { parseJson } from "@spacedrive/wire";
import {
  type Expectation,
  type ExpectedEvent,
  type ExpectedText,
  type VectorStep,
  writeOut,
} from "../vectors/vector.js";
import type { Observation, ObservedEvent } from "./host-under-test.js";

/** Of a text in a message. */
const MAX_SHOWN_CHARACTERS = 160;

/** Everything in which an observation is not what was promised, as sentences. */
export function compareStep(step: VectorStep, observed: Observation): readonly string[] {
  const { expect } = step;
  return [
    ...compareEnd(expect, observed),
    ...compareValues(expect, observed),
    ...compareEvents(expect, observed.events),
  ];
}

function* compareEnd(expect: Expectation, observed: Observation): Iterable<string> {
  const said = observed.message === undefined ? "" : ` (${show(observed.message)})`;
  if (expect.error === undefined) {
    if (observed.error !== undefined) yield `it should succeed, and ended with ${observed.error}${said}`;
  } else {
    const codes = [expect.error].flat();
    if (observed.error === undefined) yield `it should end with ${codes.join(" or ")}, and succeeded`;
    else if (!codes.includes(observed.error)) {
      yield `it should end with ${codes.join(" or ")}, and ended with ${observed.error}${said}`;
    }
    const message = (observed.message ?? "").toLowerCase();
    for (const words of expect.mentions ?? []) {
      if (!message.includes(words.toLowerCase())) yield `its message should name "${words}"${said}`;
    }
  }
  const alive = expect.alive ?? expect.error === undefined;
  if (observed.alive !== alive)
    yield `its instance should ${alive ? "live on, and has ended" : "have ended, and lives"}`;
}

function* compareValues(expect: Expectation, observed: Observation): Iterable<string> {
  if (expect.returned !== undefined && observed.returned !== expect.returned) {
    yield `it should return ${expect.returned}, and returned ${observed.returned ?? "nothing"}`;
  }
  if (expect.outcome !== undefined && observed.outcome !== expect.outcome) {
    yield `the job should be ${expect.outcome}, and is ${observed.outcome ?? "not said to be anything"}`;
  }
  if (expect.kept_warnings !== undefined && observed.keptWarnings !== expect.kept_warnings) {
    yield `${expect.kept_warnings} warnings should be kept with the job, and ${observed.keptWarnings ?? "none"} are`;
  }
  if (expect.answer !== undefined) {
    if (observed.answer === undefined) yield `it should answer ${showExpected(expect.answer)}, and answered nothing`;
    else if (!fits(expect.answer, observed.answer)) {
      yield `it should answer ${showExpected(expect.answer)}, and answered ${show(observed.answer)}`;
    }
  }
}

function* compareEvents(expect: Expectation, all: readonly ObservedEvent[]): Iterable<string> {
  const expected = expect.events ?? [];
  const observed = withoutOldProgress(all);
  switch (expect.order ?? "by-kind") {
    case "exactly":
      return yield* compareList("", expected, observed);
    case "among":
      for (const event of expected) {
        if (!observed.some((candidate) => isSame(event, candidate))) {
          yield `${showEvent(event)} should have reached the host, and did not`;
        }
      }
      return;
    default:
      for (const kind of new Set([...expected, ...observed].map(({ event }) => event))) {
        if (kind === "log" && expect.host_may_log === true) continue;
        yield* compareList(
          kind,
          expected.filter(({ event }) => event === kind),
          observed.filter(({ event }) => event === kind),
        );
      }
  }
}

/** Of reports of progress only the last counts; it keeps its place. */
function withoutOldProgress(events: readonly ObservedEvent[]): readonly ObservedEvent[] {
  const last = events.findLastIndex(({ event }) => event === "progress");
  return events.filter(({ event }, index) => event !== "progress" || index === last);
}

function* compareList(
  kind: string,
  expected: readonly ExpectedEvent[],
  observed: readonly ObservedEvent[],
): Iterable<string> {
  for (let i = 0; i < Math.max(expected.length, observed.length); i++) {
    const [wanted, got] = [expected[i], observed[i]];
    if (wanted !== undefined && got !== undefined && isSame(wanted, got)) continue;
    const place = `event ${i + 1}${kind === "" ? "" : ` of the kind ${kind}`}`;
    const should = wanted === undefined ? "there should be no more" : `should be ${showEvent(wanted)}`;
    const is = got === undefined ? "nothing came" : `${showEvent(got)} came`;
    yield `${place}: ${should}, and ${is}`;
    return;
  }
}

function isSame(expected: ExpectedEvent, observed: ObservedEvent): boolean {
  const got: Readonly<Record<string, unknown>> = { ...observed };
  return Object.entries(expected).every(([field, wanted]) => {
    const value = got[field];
    // As f32, which the guest gave it as.
    if (field === "fraction") return typeof value === "number" && Math.fround(value) === Math.fround(Number(wanted));
    if (typeof wanted === "boolean" || wanted === null || field === "event") return value === wanted;
    return typeof value === "string" && fits(wanted, value);
  });
}

function fits(expected: ExpectedText, text: string): boolean {
  if (typeof expected === "string") return text === expected;
  if ("repeat" in expected) return text === writeOut(expected);
  if ("includes" in expected) {
    const short = expected.at_most_bytes === undefined || Buffer.byteLength(text) <= expected.at_most_bytes;
    return short && expected.includes.every((part) => text.includes(part));
  }
  try {
    return includesJson(parseJson(text, "the text"), expected.json);
  } catch {
    return false;
  }
}

/** Objects may have more fields than asked for; all else is equal. */
function includesJson(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return value === wanted;
  if (typeof value !== "object" || value === null || Array.isArray(value) !== Array.isArray(wanted)) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  if (Array.isArray(wanted) && Array.isArray(value) && value.length !== wanted.length) return false;
  return Object.entries(wanted).every(([key, part]) => key in fields && includesJson(fields[key], part));
}

function showExpected(expected: ExpectedText): string {
  if (typeof expected === "string" || "repeat" in expected) return show(writeOut(expected));
  if ("json" in expected) return `JSON with ${show(JSON.stringify(expected.json))}`;
  const limit = expected.at_most_bytes === undefined ? "" : ` of at most ${expected.at_most_bytes} bytes`;
  return `a text${limit} with ${expected.includes.map((part) => show(part)).join(" and ")}`;
}

function showEvent(event: ExpectedEvent | ObservedEvent): string {
  return show(JSON.stringify(event));
}

function show(text: string): string {
  return text.length <= MAX_SHOWN_CHARACTERS
    ? text
    : `${text.slice(0, MAX_SHOWN_CHARACTERS)}… (${text.length} characters)`;
}
