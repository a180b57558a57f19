import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { parseJson } from "@spacedrive/wire";
import { z } from "zod";

/** Something that a run was told is done, and on which whoever was told may rely from then on. */
const acknowledgedSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("location-added"), location: z.string(), job: z.string() }),
  z.object({ type: z.literal("dispatched"), job: z.string() }),
  z.object({ type: z.literal("checkpoint"), job: z.string(), checkpoint: z.int(), state: z.string() }),
  z.object({ type: z.literal("action"), method: z.string(), payload: z.string() }),
  z.object({ type: z.literal("done"), job: z.string() }),
]);

export type Acknowledged = z.output<typeof acknowledgedSchema>;

/** Stands at the end of a whole line: a kill can fall into the write of one, of which nobody has made use then. */
const WHOLE = "\t";

/** The file of what a run was told. */
export class AcknowledgedLog implements Disposable {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /**
   * Notes what was acknowledged, before whoever waits for it can make use of it. It is with the operating system when this
   * returns, so that it outlives the process.
   */
  note(acknowledged: Acknowledged): void {
    writeSync(this.#file, `\n${JSON.stringify(acknowledged)}${WHOLE}`);
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

/** In the order in which it was acknowledged, by all processes of the run. */
export function readAcknowledged(path: string): Acknowledged[] {
  // `a+`: where nothing was acknowledged yet there may be no file.
  const lines = readFileSync(path, { encoding: "utf8", flag: "a+" }).split("\n");
  const whole = lines.filter((line) => line.endsWith(WHOLE));
  return whole.map((line) => acknowledgedSchema.parse(parseJson(line, "a line of what was acknowledged")));
}

/** States are long. */
export function fingerprintOf(state: string): string {
  return createHash("sha256").update(state).digest("base64url");
}
