import { isDeepStrictEqual } from "node:util";
import type { JobId } from "@spacedrive/wire";
import type { JobRecord } from "../../src/index.js";
import type { CutRun, Told } from "./cut-run.js";
import type { FuzzHost } from "./fuzz-host.js";
import type { Answer } from "./program.js";
import { Impossible, Reference, type Reported } from "./reference.js";
import type { ProgramEnd } from "./run-program.js";
import { EXTENSION } from "./world.js";

/** What is not as an undisturbed run would have left it. None: the promise was kept. */
export async function faultsOf(run: CutRun, host: FuzzHost): Promise<string[]> {
  await host.rest();
  const faults = [...run.broken];
  for (const [name, id] of run.jobs) {
    const job = await host.store.get(id);
    if (job === null) faults.push(`${name}: its job is not there`);
    else faults.push(...(await faultsOfJob(run, host, name, job)).map((fault) => `${name}: ${fault}`));
  }
  return faults;
}

async function faultsOfJob(run: CutRun, host: FuzzHost, name: string, job: JobRecord): Promise<string[]> {
  const faults: string[] = [];
  const unlike = (what: string, found: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(found, expected)) {
      faults.push(`${what}: ${JSON.stringify(found)}, and not ${JSON.stringify(expected)}`);
    }
  };
  const lines = host.lines(host.database, name);
  const hostLines = host.lines(host.hostDatabase, name);
  const attempts = run.told.filter((told) => told.name === name);

  // Whatever an attempt was told, stands; also where it was cut right afterwards.
  for (const told of attempts) {
    const reference = await referenceOf(run, told, faults);
    if (reference === null) continue;
    const { traces } = reference;
    const what = (of: string): string => `${of} that attempt ${told.attempt} was told of`;
    unlike(what("lines"), lines.slice(0, traces.lines.length), traces.lines);
    unlike(what("lines of the host"), hostLines.slice(0, traces.hostLines.length), traces.hostLines);
    unlike(
      what("reaching outside"),
      traces.sent.filter((text) => run.world.sent.every((sent) => sent.text !== text)),
      [],
    );
  }
  for (const [of, texts] of [
    ["lines", lines],
    ["lines of the host", hostLines],
  ] as const) {
    unlike(`${of} twice`, texts.length, new Set(texts.map(placeOf)).size);
  }

  if (job.status !== "failed") {
    unlike("records left", host.records(host.database, job.id), 0);
    // What a failing disk kept from being swept there goes at the next start.
    if (!run.hasFaults) unlike("records left in the host's", host.records(host.hostDatabase, job.id), 0);
  }
  if (run.cancelled.has(name)) unlike("status after a cancel that was answered", job.status, "cancelled");
  if (job.status === "cancelled") return faults;
  const last = attempts.findLast(({ attempt }) => attempt === job.attempt);
  if (last === undefined) return [...faults, "nobody saw its last attempt"];
  const reference = await referenceOf(run, last, faults);
  if (reference === null) return faults;
  const { traces, reported } = reference;
  unlike("end", endOf(job), reference.end);
  unlike("lines", lines, traces.lines);
  unlike("lines of the host", hostLines, traces.hostLines);
  unlike("counter", host.traces(name).counter, traces.counter);
  unlike("children", await childrenOf(host, job.id), [...traces.children].sort());
  unlike("events", await eventsOf(host, name), eventsIn(traces.events));
  unlike("report", reportedOf(job), job.status === "completed" ? { ...reported, progress: 1 } : reported);
  const sent = run.world.sent.filter(({ text }) => text.startsWith(`${name}:`));
  unlike("reaching outside", [...new Set(sent.map(({ text }) => text))], traces.sent);
  unlike("keys of it", new Set(sent.map(({ key }) => key)).size, traces.sent.length);
  const noise = noiseOf(last.answers);
  unlike(
    "noise in its order",
    noise,
    [...noise].sort((a, b) => a - b),
  );
  return faults;
}

/** The reference of what an attempt was told, run as far as that goes; null where nobody is told so. */
async function referenceOf(
  run: CutRun,
  { name, attempt, answers }: Told,
  faults: string[],
): Promise<(Reference & { readonly end: ProgramEnd | null }) | null> {
  const reference = new Reference(run.programOf(name, attempt), answers);
  try {
    const end = await reference.run(name);
    return Object.assign(reference, { end });
  } catch (thrown) {
    if (!(thrown instanceof Impossible)) throw thrown;
    faults.push(`attempt ${attempt}: ${thrown.message}`);
    return null;
  }
}

function endOf({ status, result, error }: JobRecord): unknown {
  if (status === "completed") return { kind: status, result };
  return { kind: status, result: error?.code === "JOB_FAILED" ? error.message : error };
}

function reportedOf({ progress, message, metrics, warnings }: JobRecord): Reported {
  return { progress, message, ...metrics, warnings: [...warnings] };
}

async function childrenOf(host: FuzzHost, parent: JobId): Promise<string[]> {
  const children = await host.store.list({ parent }, 1_000);
  return children.map(({ state }) => (state ?? "").slice(1, -1)).sort();
}

/** How many events of a job there were, and what the last one said. */
async function eventsOf(host: FuzzHost, name: string): Promise<{ readonly number: number; readonly last: unknown }> {
  const event = await host.store.lastEvent(`${EXTENSION}:${name}`);
  return { number: event?.number ?? 0, last: event?.payload ?? null };
}

function eventsIn(texts: readonly string[]): { readonly number: number; readonly last: unknown } {
  return { number: texts.length, last: texts.length === 0 ? null : JSON.stringify(texts.at(-1)) };
}

/** Of `name:place:digest` and what stands inside that: the places. A step leaves at most one line. */
function placeOf(text: string): string {
  return text
    .split(":")
    .filter((_part, i) => i % 2 === 1)
    .join(":");
}

function noiseOf(answers: readonly Answer[]): number[] {
  return answers.flatMap((answer) => {
    const from = answer.ok ? answer.output : answer.details;
    if (typeof from !== "object" || from === null) return [];
    if ("value" in from && typeof from.value === "number") return [from.value];
    // Proof: only what `outer` answers has this field, and it puts answers there.
    return "inner" in from ? noiseOf(from.inner as Answer[]) : [];
  });
}
