import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import { createWorkerEngine, DEFAULT_GUEST_LIMITS, isSpacedriveError } from "@spacedrive/runtime";
import type { GuestCheck } from "./guest-check.js";
import type { GuestCheckAnswer, GuestCheckOrder } from "./guest-check-worker.js";
import { GUEST_CHECKS } from "./guest-checks.js";
import { WASI_GUEST_CHECKS } from "./wasi/wasi-checks.js";

/** What became of one check. */
export interface GuestCheckResult {
  /** `<theme>/<name>`. */
  readonly check: string;
  readonly promise: string;
  /** The page that promises it. */
  readonly page: string;
  /** Its sections. */
  readonly sections: readonly string[];
  readonly status: "passed" | "failed" | "skipped";
  readonly problems: readonly string[];
}

export interface CheckGuestOptions {
  /** What the guest speaks: the ABI, or, as a command, the protocol of WASI guests. Default `abi`. */
  readonly protocol?: "abi" | "wasi";
  /** Only checks that have one of these in their id. Default: all. */
  readonly only?: readonly string[];
  /** Milliseconds that one check may take. Default 60,000. */
  readonly timeoutMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: GuestCheckResult) => void;
}

type Protocol = "abi" | "wasi";
/** Of a check, what a report tells. */
type Told = Omit<GuestCheck, "run">;

const ADMISSION: Readonly<Record<Protocol, Told>> = {
  abi: {
    id: "module/admitted",
    promise: "The module has the memory, imports, exports and sizes that a host admits.",
    sections: ["2"],
  },
  wasi: {
    id: "module/admitted",
    promise: "The module is a command whose imports, exports and sizes a host admits.",
    sections: ["1"],
  },
};

const PAGES: Readonly<Record<Protocol, string>> = { abi: "docs/abi.md", wasi: "docs/wasi-protocol.md" };

/**
 * Plays a strict host to the test extension that an SDK has built; the README says what it must offer. Where the module is
 * not admitted, nothing else is tried.
 */
export async function checkGuest(
  wasm: Uint8Array,
  options: CheckGuestOptions = {},
): Promise<readonly GuestCheckResult[]> {
  const { protocol = "abi", only = [], timeoutMs = 60_000, onResult = () => {} } = options;
  const results: GuestCheckResult[] = [];
  const settle = ({ id, promise, sections }: Told, problem: string | null): void => {
    const problems = problem === null ? [] : [problem];
    const result = {
      check: id,
      promise,
      page: PAGES[protocol],
      sections,
      status: problem === null ? ("passed" as const) : ("failed" as const),
      problems,
    };
    results.push(result);
    onResult(result);
  };
  const isMeant = (id: string): boolean => only.length === 0 || only.some((text) => id.includes(text));

  const refused = await admit(wasm, protocol);
  const admission = ADMISSION[protocol];
  if (refused !== null || isMeant(admission.id)) settle(admission, refused);
  if (refused !== null) return results;

  const checks: readonly Told[] = protocol === "wasi" ? WASI_GUEST_CHECKS : GUEST_CHECKS;
  let rest = checks.filter(({ id }) => isMeant(id));
  while (rest.length > 0) {
    const answers = await runChecks(protocol, wasm, rest, timeoutMs, (check, problem) => settle(check, problem));
    rest = rest.slice(answers);
  }
  return results;
}

async function admit(wasm: Uint8Array, protocol: Protocol): Promise<string | null> {
  await using engine =
    protocol === "wasi"
      ? createWasiEngine({ transport: "shim", spareThreads: 0 })
      : createWorkerEngine({ spareThreads: 0 });
  try {
    await engine.compile("the guest", wasm, DEFAULT_GUEST_LIMITS);
    return null;
  } catch (thrown) {
    if (isSpacedriveError(thrown))
      return `${thrown.message} (${PAGES[protocol]} §${ADMISSION[protocol].sections.join()})`;
    throw thrown;
  }
}

/** Makes the checks in one thread until one does not come back; answers how many it settled. */
async function runChecks(
  protocol: Protocol,
  wasm: Uint8Array,
  checks: readonly Told[],
  timeoutMs: number,
  settle: (check: Told, problem: string | null) => void,
): Promise<number> {
  const order: GuestCheckOrder = { protocol, wasm: new Uint8Array(wasm), checks: checks.map(({ id }) => id) };
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
