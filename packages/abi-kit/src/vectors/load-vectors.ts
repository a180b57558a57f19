import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describeIssues, parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { type Vector, vectorSchema } from "./vector.js";

const indexSchema = z.strictObject({
  vectors: z.array(z.strictObject({ id: z.string(), source: z.string(), wasm: z.string(), description: vectorSchema })),
});

/** The folder with the assembled vectors and their `index.json`. */
export function vectorsFolder(): string {
  // By the package's own name: this module lies at another depth once it is bundled.
  const packageFile = createRequire(import.meta.url).resolve("@spacedrive/abi-kit/package.json");
  return join(dirname(packageFile), "dist", "vectors");
}

/**
 * Every vector of the kit, ordered by id.
 *
 * @throws SpacedriveError `NOT_FOUND` where the kit is not built, `INVALID_INPUT` where the index is no index.
 */
export function loadVectors(folder: string = vectorsFolder()): readonly Vector[] {
  const path = join(folder, "index.json");
  const index = indexSchema.safeParse(parseJson(readBuilt(path).toString("utf8"), `"${path}"`));
  if (!index.success) {
    throw new SpacedriveError("INVALID_INPUT", `"${path}" is no index of vectors: ${describeIssues(index.error)}`);
  }
  return index.data.vectors.map(({ id, source, wasm, description }) => ({
    ...description,
    id,
    source,
    wasm: new Uint8Array(readBuilt(join(folder, wasm))),
  }));
}

/** @throws SpacedriveError `NOT_FOUND`, which says that the kit is not built. */
export function readBuilt(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SpacedriveError(
      "NOT_FOUND",
      `The kit cannot read "${path}". Build the package @spacedrive/abi-kit, or install it again.`,
      { cause },
    );
  }
}
