import { join } from "node:path";
import { describeIssues, parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { readBuilt, vectorsFolder } from "./load-vectors.js";
import type { Vector } from "./vector.js";
import { wasiVectorSchema } from "./wasi-vector.js";

const indexSchema = z.strictObject({
  vectors: z.array(
    z.strictObject({ id: z.string(), source: z.string(), wasm: z.string(), description: wasiVectorSchema }),
  ),
});

/**
 * Every vector of the protocol of WASI guests, ordered by id.
 *
 * @throws SpacedriveError `NOT_FOUND` where the kit is not built, `INVALID_INPUT` where the index is no index.
 */
export function loadWasiVectors(folder: string = vectorsFolder()): readonly Vector[] {
  const path = join(folder, "wasi", "index.json");
  const index = indexSchema.safeParse(parseJson(readBuilt(path).toString("utf8"), `"${path}"`));
  if (!index.success) {
    throw new SpacedriveError("INVALID_INPUT", `"${path}" is no index of vectors: ${describeIssues(index.error)}`);
  }
  return index.data.vectors.map(({ id, source, wasm, description }) => ({
    ...description,
    engine: "wasi" as const,
    id,
    source,
    wasm: new Uint8Array(readBuilt(join(folder, wasm))),
  }));
}
