import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS, isSpacedriveError } from "@spacedrive/runtime";
import type { GuestCheck } from "./guest-check.js";
import type { GuestCheckAnswer, GuestCheckOrder } from "./guest-check-worker.js";
import { GUEST_CHECKS } from "./guest-checks.js";

/** What became of one check. */
export interface GuestCheckResult {
  /** `<theme>/<name>`. */
  readonly check: string;
  readonly promise: string;
  /** Sections of docs/abi.md. */
  readonly sections: readonly string[];
  readonly status: "passed" | "failed" | "skipped";
  readonly problems: readonly string[];
}

export interface CheckGuestOptions {
  /** Only checks that have one of these in their id. Default: all. */
  readonly only?: readonly string[];
  /** Milliseconds that one check may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: GuestCheckResult) => void;
}

const ADMISSION = {
  id: "module/admitted",
  promise: "The module has the memory, imports, exports and sizes that a host admits.",
  sections: ["2"],
} as const;

/**
 * Plays a strict host to the test extension that an SDK has built; the README says what it must offer. Where the module is
 * not admitted, nothing else is tried.
 */
export async function checkGuest(
  wasm: Uint8Array,
  options: CheckGuestOptions = {},
): Promise<readonly GuestCheckResult[]> {
  const { only = [], timeoutMs = 60_000, onResult = () => {} } = options;
  const results: GuestCheckResult[] = [];
  const settle = ({ id, promise, sections }: Omit<GuestCheck, "run">, problem: string | null): void => {
    const problems = problem === null ? [] : [problem];
    const result = {
      check: id,
      promise,
      sections,
      status: problem === null ? ("passed" as const) : ("failed" as const),
      problems,
    };
    results.push(result);
    onResult(result);
  };
  const isMeant = (id: string): boolean => only.length === 0 || only.some((text) => id.includes(text));

  const refused = await admit(wasm);
  if (refused !== null || isMeant(ADMISSION.id)) settle(ADMISSION, refused);
  if (refused !== null) return results;

  let rest = GUEST_CHECKS.filter(({ id }) => isMeant(id));
  while (rest.length > 0) {
    const answers = await runChecks(wasm, rest, timeoutMs, (check, problem) => settle(check, problem));
    rest = rest.slice(answers);
  }
  return results;
}

async function admit(wasm: Uint8Array): Promise<string | null> {
  await using engine = createWorkerEngine({ spareThreads: 0 });
  try {
    await engine.compile("the guest", wasm, DEFAULT_GUEST_LIMITS);
    return null;
  } catch (thrown) {
    if (isSpacedriveError(thrown)) return `${thrown.message} (docs/abi.md §2)`;
    throw thrown;
  }
}

/** Makes the checks in one thread until one does not come back; answers how many it settled. */
async function runChecks(
  wasm: Uint8Array,
  checks: readonly GuestCheck[],
  timeoutMs: number,
  settle: (check: GuestCheck, problem: string | null) => void,
): Promise<number> {
  const order: GuestCheckOrder = { wasm: new Uint8Array(wasm), checks: checks.map(({ id }) => id) };
  const worker = new Worker(workerUrl(), { workerData: order, execArgv: [] });
  const ended = Promise.withResolvers<string | null>();
  let settled = 0;
  const next = (problem: string | null): void => {
    const check = checks[settled];
    if (check === undefined) return;
    settled++;
    settle(check, problem);
  };
  const late = (): void => ended.resolve(`It did not come back within ${timeoutMs} ms (docs/abi.md §9).`);
  let timer = setTimeout(late, timeoutMs);
  worker.on("message", ({ problem }: GuestCheckAnswer) => {
    clearTimeout(timer);
    timer = setTimeout(late, timeoutMs);
    next(problem);
    if (settled === checks.length) ended.resolve(null);
  });
  worker.on("error", (error) =>
    ended.resolve(`Its thread ended: ${error instanceof Error ? error.message : String(error)}`),
  );
  const problem = await ended.promise;
  clearTimeout(timer);
  await worker.terminate();
  if (problem !== null) next(problem);
  return settled;
}

function workerUrl(): URL {
  // By the package's own name: this module lies at another depth once it is bundled.
  const packageFile = createRequire(import.meta.url).resolve("@spacedrive/abi-kit/package.json");
  return pathToFileURL(join(dirname(packageFile), "dist", "guest-check-worker.js"));
}
