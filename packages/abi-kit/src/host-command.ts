import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SpacedriveError } from "@spacedrive/wire";
import { checkHost, type VectorResult } from "./host/check-host.js";
import type { HostUnderTest } from "./host/host-under-test.js";
import { createSubprocessHost } from "./host/subprocess-host.js";
import { type ReportLine, writeLine, writeReport } from "./report.js";
import { createRuntimeHost } from "./runtime/runtime-host.js";
import { loadVectors } from "./vectors/load-vectors.js";
import { loadWasiVectors } from "./vectors/load-wasi-vectors.js";
import type { Vector } from "./vectors/vector.js";
import { createWasiHost } from "./wasi/wasi-host.js";

/** What a module speaks: the ABI of docs/abi.md, or the records of docs/wasi-protocol.md. */
export type Protocol = "abi" | "wasi";

export interface HostCommandOptions {
  readonly protocol: Protocol;
  readonly adapter?: string | undefined;
  readonly command?: string | undefined;
  readonly runtime: boolean;
  /** Of our own host of WASI guests. Default: as its engine chooses. */
  readonly transport?: "shim" | "wasmer" | undefined;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly timeoutMs: number;
}

/** What ends the kit from outside, and the number that a shell knows it by. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Runs the vectors on the host that the options name; answers 0 where all passed, else 1, and 2 where every one was skipped.
 *
 * @throws SpacedriveError `INVALID_INPUT` where no host can be made of them, or no vector is meant; `HOST_UNREACHABLE`
 * where the command of a host cannot be run.
 */
export async function runHostCommand(options: HostCommandOptions): Promise<number> {
  const { protocol, only, json, timeoutMs } = options;
  const vectors = vectorsMeant(protocol, only);
  // Not with an adapter in this process: while that is busy no signal would be heard.
  if (options.adapter === undefined) endInOrder();
  await using host = await openHost(options);
  const onResult = json ? () => {} : (result: VectorResult) => writeLine(toLine(result));
  const results = await checkHost(host, vectors, { timeoutMs, onResult });
  const failed = writeReport(host.name, results.map(toLine), json);
  if (results.every(({ status }) => status === "skipped")) {
    throw new SpacedriveError("INVALID_INPUT", "The host has skipped every vector: nothing is proved.");
  }
  return failed ? 1 : 0;
}

/**
 * Every vector of a protocol that has one of the texts in its id, or all where there are none.
 *
 * @throws SpacedriveError `INVALID_INPUT` where no vector has.
 */
export function vectorsMeant(protocol: Protocol, only: readonly string[]): readonly Vector[] {
  const all = protocol === "wasi" ? loadWasiVectors() : loadVectors();
  const meant = all.filter(({ id }) => only.length === 0 || only.some((text) => id.includes(text)));
  if (meant.length > 0) return meant;
  throw new SpacedriveError("INVALID_INPUT", `No vector has ${only.join(" or ")} in its id. abi-kit list shows them.`);
}

/** Ends by `exit`, where those listen who have a process or a folder to take away. */
function endInOrder(): void {
  for (const [signal, number] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(128 + number));
}

async function openHost(options: HostCommandOptions): Promise<HostUnderTest> {
  const { adapter, command, runtime, protocol, transport } = options;
  if ([adapter !== undefined, command !== undefined, runtime].filter(Boolean).length !== 1) {
    throw new SpacedriveError("INVALID_INPUT", "abi-kit host needs one of --adapter, --command and --runtime.");
  }
  if (transport !== undefined && !(runtime && protocol === "wasi")) {
    throw new SpacedriveError("INVALID_INPUT", "--transport goes with --runtime --protocol wasi alone.");
  }
  if (command !== undefined) return createSubprocessHost(command);
  if (adapter === undefined) return protocol === "wasi" ? createWasiHost(transport) : createRuntimeHost();
  return loadAdapter(adapter);
}

async function loadAdapter(path: string): Promise<HostUnderTest> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SpacedriveError("INVALID_INPUT", `The adapter "${path}" cannot be loaded: ${why}`, { cause });
  }
  const create = module["createHost"];
  if (typeof create !== "function") {
    throw new SpacedriveError("INVALID_INPUT", `"${path}" exports no function createHost(), which makes the host.`);
  }
  const host: unknown = await create();
  if (!isHost(host)) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `createHost() of "${path}" answered no host: it needs a name, run() and [Symbol.asyncDispose]().`,
    );
  }
  return host;
}

function isHost(value: unknown): value is HostUnderTest {
  if (typeof value !== "object" || value === null) return false;
  const has = (field: string | symbol, type: string): boolean => typeof Reflect.get(value, field) === type;
  return has("name", "string") && has("run", "function") && has(Symbol.asyncDispose, "function");
}

function toLine({ vector, promise, page, cites, status, problems }: VectorResult): ReportLine {
  return { id: vector, promise, page, sections: cites.map(({ section }) => section), status, problems };
}
