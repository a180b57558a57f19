import { z } from "zod";
import { manifestSchema } from "./manifest-schema.js";

/** The manifest's JSON Schema (draft 2020-12) for editors, as it is published at `@spacedrive/runtime/manifest.schema.json`. */
export function manifestJsonSchema(): Record<string, unknown> {
  return {
    title: "Spacedrive extension manifest",
    ...z.toJSONSchema(manifestSchema, { io: "input", target: "draft-2020-12" }),
  };
}
