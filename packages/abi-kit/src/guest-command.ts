import { readFile } from "node:fs/promises";
import { SpacedriveError } from "@spacedrive/wire";
import { checkGuest, type GuestCheckResult } from "./guest/check-guest.js";
import { type ReportLine, writeLine, writeReport } from "./report.js";

export interface GuestCommandOptions {
  readonly protocol: "abi" | "wasi";
  readonly file: string;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly timeoutMs: number;
}

/**
 * Plays a strict host to a guest; answers 0 where all passed, else 1.
 *
 * @throws SpacedriveError `NOT_FOUND` where the file cannot be read, `INVALID_INPUT` where no check is meant.
 */
export async function runGuestCommand({ protocol, file, only, json, timeoutMs }: GuestCommandOptions): Promise<number> {
  const wasm = await readFile(file).catch((cause: unknown) => {
    throw new SpacedriveError("NOT_FOUND", `"${file}" cannot be read. Build the test extension first.`, { cause });
  });
  const onResult = json ? () => {} : (result: GuestCheckResult) => writeLine(toLine(result));
  const results = await checkGuest(wasm, { protocol, only, timeoutMs, onResult });
  if (results.length === 0)
    throw new SpacedriveError(
      "INVALID_INPUT",
      `No check has ${only.join(" or ")} in its id. Without --only all are made, and named.`,
    );
  return writeReport(file, results.map(toLine), json) ? 1 : 0;
}

function toLine({ check, ...rest }: GuestCheckResult): ReportLine {
  return { id: check, ...rest };
}
