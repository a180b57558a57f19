import { type HostStep, pageOf, type Vector, type VectorStep, writeOut } from "../vectors/vector.js";
import { compareStep } from "./compare.js";
import { isHostMissing } from "./host-missing.js";
import type { HostRun, HostUnderTest, Observation } from "./host-under-test.js";
import { parseObservations } from "./observations.js";

/** What became of one vector. */
export interface VectorResult {
  /** `v1/<theme>/<name>`. */
  readonly vector: string;
  readonly promise: string;
  /** The page that promises it. */
  readonly page: string;
  readonly cites: Vector["cites"];
  readonly status: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped, as sentences; empty where it passed. */
  readonly problems: readonly string[];
}

export interface CheckHostOptions {
  /** Milliseconds after which a vector that has not been answered counts as failed. Default 60,000. */
  readonly timeoutMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: VectorResult) => void;
}

/**
 * Runs the vectors on a host, one after the other. Never rejects because of what the host does.
 *
 * @throws SpacedriveError `HOST_UNREACHABLE` where there is no host: the command of one cannot be run at all.
 */
export async function checkHost(
  host: HostUnderTest,
  vectors: readonly Vector[],
  options: CheckHostOptions = {},
): Promise<readonly VectorResult[]> {
  const results: VectorResult[] = [];
  for (const vector of vectors) {
    const { id, promise, cites } = vector;
    const page = pageOf(vector.engine);
    const result = {
      vector: id,
      promise,
      page,
      cites,
      ...(await checkVector(host, vector, options.timeoutMs ?? 60_000)),
    };
    options.onResult?.(result);
    results.push(result);
  }
  return results;
}

async function checkVector(
  host: HostUnderTest,
  vector: Vector,
  timeoutMs: number,
): Promise<Pick<VectorResult, "status" | "problems">> {
  try {
    const answer = await withinTime(host.run({ ...toRun(vector), ...besideModule(vector) }), timeoutMs);
    if (typeof answer === "string") return { status: "skipped", problems: [answer] };
    const observations = parseObservations(answer);
    const problems = vector.steps.flatMap((step, index) => describeStep(step, index, observations));
    if (observations.length > vector.steps.length) {
      problems.push(`the host answered ${observations.length} observations for ${vector.steps.length} steps`);
    }
    return { status: problems.length === 0 ? "passed" : "failed", problems };
  } catch (thrown) {
    if (isHostMissing(thrown)) throw thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { status: "failed", problems: [`the host's adapter failed: ${message}`] };
  }
}

function toRun(vector: Vector): HostRun {
  const { id, engine = "wasm", needs = [], wasm, limits = {}, host = {}, steps } = vector;
  return { vector: id, engine, needs, wasm, limits, host, steps: steps.map(toHostStep) };
}

function toHostStep(step: VectorStep): HostStep {
  const { expect: _, ...rest } = step;
  switch (rest.do) {
    case "handle":
      return { ...rest, input: writeOut(rest.input) };
    case "job":
      return { ...rest, state: writeOut(rest.state) };
    default:
      return rest;
  }
}

function describeStep(step: VectorStep, index: number, observations: readonly Observation[]): readonly string[] {
  const what = `step ${index + 1} (${step.do}${"export" in step ? ` ${step.export}` : ""})`;
  const observed = observations[index];
  if (observed === undefined) return [`${what}: the host answered no observation for it`];
  return compareStep(step, observed).map((problem) => `${what}: ${problem}`);
}

async function withinTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it did not answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function besideModule({ manifest, source_map: sourceMap }: Vector): Pick<HostRun, "manifest" | "sourceMap"> {
  return {
    ...(manifest === undefined ? {} : { manifest }),
    ...(sourceMap === undefined ? {} : { sourceMap: JSON.stringify(sourceMap) }),
  };
}
