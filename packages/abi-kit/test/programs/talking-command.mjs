// A host that answers a vector of "simd" twice, greets before its first answer, or hides U+2028 in it: as it is asked by its argument.
import { createInterface } from "node:readline";

const [habit] = process.argv.slice(2);
if (habit === "greets") process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { id } = JSON.parse(line);
  const skipped = habit === "separates" ? "before \u2028 after" : "it does nothing";
  const answer = `${JSON.stringify({ id, skipped })}\n`;
  process.stdout.write(habit === "twice" ? answer + answer : answer);
}
