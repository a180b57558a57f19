import { parseJson } from "@spacedrive/wire";
import { z } from "zod";
import { extensionSchema, hostScriptSchema, limitsSchema, hostStepSchema } from "../vectors/vector.js";
import type { HostUnderTest } from "./host-under-test.js";
import { readLines } from "./read-lines.js";

const requestSchema = z.object({
  id: z.int(),
  vector: z.string(),
  engine: z.enum(["wasm", "wasi"]).default("wasm"),
  needs: z.array(z.enum(["turns", "streams"])).default([]),
  wasm: z.base64(),
  limits: limitsSchema,
  host: hostScriptSchema,
  steps: z.array(hostStepSchema),
  manifest: extensionSchema.optional(),
  sourceMap: z.string().optional(),
});

/** Speaks the protocol of `--command` for an adapter in JavaScript: a line in, a line out, until the input ends. */
export async function serveHost(
  host: HostUnderTest,
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  for await (const line of readLines(input)) {
    if (line.trim() === "") continue;
    const { id, wasm, ...run } = requestSchema.parse(parseJson(line, "a line of the kit"));
    const answer = await host.run({ ...run, wasm: new Uint8Array(Buffer.from(wasm, "base64")) });
    const reply = typeof answer === "string" ? { id, skipped: answer } : { id, observations: answer };
    output.write(`${JSON.stringify(reply)}\n`);
  }
  await host[Symbol.asyncDispose]();
}
