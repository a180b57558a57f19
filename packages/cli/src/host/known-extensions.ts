import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Grants } from "@spacedrive/runtime";
import { isSpacedriveError, parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

const knownExtension = z.object({
  /** Where it lay when its user agreed: another folder is another extension. */
  folder: z.string(),
  granted: z.object({ methods: z.array(z.string()), libraries: z.array(z.string()) }),
});
const fileSchema = z.record(z.string(), knownExtension);

/** An extension that was loaded from this data directory: where it lies, and what its user granted it. */
export type KnownExtension = z.output<typeof knownExtension>;

/** The extensions that a data directory knows, in its `extensions.json`: so `sdx jobs resume` finds a job's extension again. */
export class KnownExtensions {
  readonly #file: string;

  constructor(dataDir: string) {
    this.#file = join(dataDir, "extensions.json");
  }

  get(id: string): KnownExtension | null {
    const all = this.#read();
    return Object.hasOwn(all, id) ? (all[id] ?? null) : null;
  }

  remember(id: string, folder: string, grants: Grants): void {
    const granted = { methods: [...grants.methods], libraries: [...grants.libraries] };
    const all = { ...this.#read(), [id]: { folder, granted } };
    const unfinished = `${this.#file}.new`;
    writeFileSync(unfinished, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    renameSync(unfinished, this.#file);
  }

  /** @throws SpacedriveError `STORE_CORRUPT`: what somebody mistyped in it is not to be lost. */
  #parse(text: string): unknown {
    try {
      return parseJson(text, `"${this.#file}"`, "STORE_CORRUPT");
    } catch (cause) {
      if (!isSpacedriveError(cause)) throw cause;
      const message = `${cause.message}. Correct it, or remove it: sdx then forgets where extensions lie, and what they were granted.`;
      throw new SpacedriveError("STORE_CORRUPT", message, { cause });
    }
  }

  #read(): Record<string, KnownExtension> {
    let text: string;
    try {
      text = readFileSync(this.#file, "utf8");
    } catch {
      return {};
    }
    const parsed = fileSchema.safeParse(this.#parse(text));
    // What has another shape grants nothing: the user is asked again.
    return parsed.success ? parsed.data : {};
  }
}
