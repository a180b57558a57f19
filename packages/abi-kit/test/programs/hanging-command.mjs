// A host that never answers one question, and nothing after it.
import { createInterface } from "node:readline";

let hangs = false;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, vector } = JSON.parse(line);
  hangs ||= vector.includes("simd");
  if (!hangs) process.stdout.write(`${JSON.stringify({ id, skipped: "it does nothing" })}\n`);
}
