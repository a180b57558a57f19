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

/**
 * Runs the vectors on the host that the options name; answers 0 where all passed, else 1.
 *
 * @throws SpacedriveError `INVALID_INPUT` where no host can be made of them, or no vector is meant.
 */
export async function runHostCommand(options: HostCommandOptions): Promise<number> {
  const { protocol, only, json, timeoutMs } = options;
  const vectors = vectorsOf(protocol).filter(({ id }) => only.length === 0 || only.some((text) => id.includes(text)));
  if (vectors.length === 0) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `No vector has ${only.join(" or ")} in its id. abi-kit list shows them.`,
    );
  }
  await using host = await openHost(options);
  const onResult = json ? () => {} : (result: VectorResult) => writeLine(toLine(result));
  const results = await checkHost(host, vectors, { timeoutMs, onResult });
  return writeReport(host.name, results.map(toLine), json) ? 1 : 0;
}

/** Every vector of a protocol. */
export function vectorsOf(protocol: Protocol): readonly Vector[] {
  return protocol === "wasi" ? loadWasiVectors() : loadVectors();
}

async function openHost(options: HostCommandOptions): Promise<HostUnderTest> {
  const { adapter, command, runtime, protocol, transport } = options;
  if ([adapter !== undefined, command !== undefined, runtime].filter(Boolean).length !== 1) {
    throw new SpacedriveError("INVALID_INPUT", "abi-kit host needs one of --adapter, --command and --runtime.");
  }
  if (command !== undefined) return createSubprocessHost(command);
  if (adapter === undefined) return protocol === "wasi" ? createWasiHost(transport) : createRuntimeHost();
  const module: Readonly<Record<string, unknown>> = await import(pathToFileURL(resolve(adapter)).href);
  const create = module["createHost"];
  if (typeof create !== "function") {
    throw new SpacedriveError("INVALID_INPUT", `"${adapter}" exports no function createHost(), which makes the host.`);
  }
  // Proof: what createHost answers is the adapter author's promise; a wrong one fails each vector with what it threw.
  return (await create()) as HostUnderTest;
}

function toLine({ vector, promise, page, cites, status, problems }: VectorResult): ReportLine {
  return { id: vector, promise, page, sections: cites.map(({ section }) => section), status, problems };
}
