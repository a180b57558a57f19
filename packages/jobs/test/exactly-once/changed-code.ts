import fc from "fast-check";
import type { Case, Cut } from "./arbitraries.js";
import { cut } from "./arbitraries.js";
import type { AttemptEvent, CutRun, Told } from "./cut-run.js";
import type { FuzzHost } from "./fuzz-host.js";
import { type Answer, type Call, digestOf, type Program, type Step, type Versions } from "./program.js";

const label = fc.constantFrom("a", "b", "c");

const effect: fc.Arbitrary<Call> = fc.oneof(
  { weight: 5, arbitrary: label.map<Call>((text) => ({ op: "append", label: text })) },
  { weight: 2, arbitrary: label.map<Call>((text) => ({ op: "append_host", label: text })) },
  { weight: 1, arbitrary: label.map<Call>((text) => ({ op: "flaky", label: `flaky ${text}` })) },
);

const noise = fc.constant<Call>({ op: "noise" });

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 6, arbitrary: effect },
  { weight: 2, arbitrary: noise },
  {
    weight: 2,
    arbitrary: fc
      .record({
        foreign: fc.boolean(),
        fails: fc.boolean(),
        inner: fc.array(fc.oneof({ weight: 3, arbitrary: effect }, { weight: 1, arbitrary: noise }), { maxLength: 3 }),
      })
      // What an effect inside it is called tells which call it is inside of.
      .map<Call>((outer) => ({ op: "outer", ...outer, label: digestOf([outer]).toString(36) })),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: call.map<Step>((made) => ({ do: "call", call: made })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "checkpoint", must: false }) },
  { weight: 1, arbitrary: fc.boolean().map<Step>((saves) => ({ do: "look", saves })) },
);

/** One step is left out, added, made twice, or made sooner. */
type Edit = (steps: readonly Step[]) => readonly Step[];

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.nat(9).map<Edit>((at) => (steps) => steps.toSpliced(at, 1)),
  fc.tuple(fc.nat(9), step).map<Edit>(
    ([at, added]) =>
      (steps) =>
        steps.toSpliced(at, 0, added),
  ),
  fc.nat(9).map<Edit>((at) => (steps) => steps.flatMap((each, i) => (i === at ? [each, each] : [each]))),
  fc.tuple(fc.nat(9), fc.nat(9)).map<Edit>(
    ([from, to]) =>
      (steps) =>
        steps.toSpliced(from, 1).toSpliced(to, 0, ...steps.slice(from, from + 1)),
  ),
);

const versions: fc.Arbitrary<Versions> = fc
  .record({
    steps: fc.array(step, { minLength: 2, maxLength: 9, size: "max" }),
    edits: fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    asText: fc.boolean(),
  })
  .map(({ steps, edits, asText }): Versions => {
    const of = (made: readonly Step[]): Program => ({ steps: made, end: "completed", asText, stubborn: false });
    return [
      of(steps),
      ...edits.map((each) => of(each.reduce<readonly Step[]>((edited, change) => change(edited), steps))),
    ];
  });

const ENDS: readonly Cut["what"]["kind"][] = ["kill", "pause", "restart", "reload", "stall", "trap"];

/** A job whose code is another in each attempt. */
export const changedCase: fc.Arbitrary<Case> = fc.record({
  programs: versions.map((only) => [only]),
  cuts: fc.array(
    cut.filter(({ what }) => ENDS.includes(what.kind)),
    { minLength: 1, maxLength: 6, size: "max" },
  ),
  seed: fc.nat(),
  walLimitBytes: fc.constant(4 * 1_048_576),
  journalQuotaBytes: fc.constant(64 * 1_048_576),
});

/** An effect that a job was told of: which call, and which row of all. */
interface Effect {
  readonly text: string;
  readonly row: number;
}

/**
 * What is not as docs/jobs.md says of a job whose code has changed: each recorded effect answers one equal call until the next
 * checkpoint, no effect is lost, and none is made that nobody asked for.
 */
export async function faultsOfChanged(run: CutRun, host: FuzzHost): Promise<string[]> {
  await host.rest();
  // Where a replay ends early nobody here knows how many calls it had left.
  const faults = run.broken.filter((fault) => !fault.includes("while it was replayed"));
  const rows = [
    ...host.lines(host.database, "p0").map((text, i) => effectKey({ text: `library ${text}`, row: i + 1 })),
    ...host.lines(host.hostDatabase, "p0").map((text, i) => effectKey({ text: `host ${text}`, row: i + 1 })),
  ];
  const there = new Set(rows);
  const seen = new Set<string>();
  for (const { attempt, events } of run.told) {
    const told = effectsOf(events).map(effectKey);
    for (const effect of told) {
      if (!there.has(effect)) faults.push(`attempt ${attempt} was told of ${effect}, which is not there`);
      seen.add(effect);
    }
    if (new Set(told).size !== told.length)
      faults.push(`attempt ${attempt} was told of one effect twice: ${told.join()}`);
  }
  faults.push(...coveredFaults(run.told));
  faults.push(...doubled(run.told, rows));
  // One that nobody was told of was under way when an attempt was cut.
  const unseen = rows.filter((row) => !seen.has(row));
  if (unseen.length > run.told.length) faults.push(`nobody was told of ${unseen.join()}`);
  return faults;
}

/** What a checkpoint covers is answered to nobody any more. */
function coveredFaults(attempts: readonly Told[]): string[] {
  const faults: string[] = [];
  const coveredBy = new Map<string, number>();
  for (const { attempt, checkpoint, events } of attempts) {
    for (const effect of effectsOf(events).map(effectKey)) {
      if ((coveredBy.get(effect) ?? Number.POSITIVE_INFINITY) <= checkpoint) {
        faults.push(`attempt ${attempt} was told of ${effect}, which checkpoint ${coveredBy.get(effect)} covers`);
      }
    }
    let made = checkpoint;
    for (const [i, { kind }] of events.entries()) {
      if (kind !== "saved") continue;
      made++;
      for (const effect of effectsOf(events.slice(0, i)).map(effectKey)) {
        if (!coveredBy.has(effect)) coveredBy.set(effect, made);
      }
    }
  }
  return faults;
}

/** Between two checkpoints there are as many effects of equal calls as one attempt made of them, at the most. */
function doubled(attempts: readonly Told[], rows: readonly string[]): string[] {
  /** By checkpoint and text. */
  const most = new Map<string, number>();
  for (const { checkpoint, events } of attempts) {
    const counts = new Map<string, number>();
    let made = checkpoint;
    for (const event of events) {
      if (event.kind === "saved") made++;
      if (event.kind !== "began") continue;
      for (const text of textsOf(event.call)) {
        const key = `${made} ${text}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    for (const [key, count] of counts) most.set(key, Math.max(most.get(key) ?? 0, count));
  }
  const allowed = new Map<string, number>();
  for (const [key, count] of most) {
    const text = key.slice(key.indexOf(" ") + 1);
    allowed.set(text, (allowed.get(text) ?? 0) + count);
  }
  const found = new Map<string, number>();
  for (const row of rows) {
    const text = row.slice(0, row.lastIndexOf(" "));
    found.set(text, (found.get(text) ?? 0) + 1);
  }
  return [...found].flatMap(([text, count]) => {
    const most = allowed.get(text) ?? 0;
    return count <= most ? [] : [`${count} effects of ${text}, and no attempt made more than ${most} such calls`];
  });
}

function effectKey({ text, row }: Effect): string {
  return `${text} ${row}`;
}

function textsOf(made: Call, inside = "p0"): string[] {
  const text = `${inside}/${made.label}`;
  switch (made.op) {
    case "outer":
      return made.inner.flatMap((each) => textsOf(each, text));
    case "append":
    case "flaky":
      return [`library ${text}`];
    case "append_host":
      return [`host ${text}`];
    default:
      return [];
  }
}

function effectsOf(events: readonly AttemptEvent[]): Effect[] {
  return events.flatMap((event) => (event.kind === "answered" ? effectsIn(event.call, event.answer) : []));
}

function effectsIn(made: Call, answer: Answer): Effect[] {
  if (made.op === "outer") {
    const from = answer.ok ? answer.output : answer.details;
    // Proof: only what `outer` answers has this field, and it puts the answers of its calls there, in their order.
    const inner = typeof from === "object" && from !== null && "inner" in from ? (from.inner as Answer[]) : [];
    return inner.flatMap((each, i) => effectsOfOne(made.inner[i], each, `p0/${made.label}`));
  }
  return effectsOfOne(made, answer, "p0");
}

function effectsOfOne(made: Call | undefined, answer: Answer, inside: string): Effect[] {
  if (made === undefined || !answer.ok) return [];
  const { output } = answer;
  if (typeof output !== "object" || output === null || !("row" in output)) return [];
  return textsOf(made, inside).map((text) => ({ text, row: Number(output.row) }));
}
