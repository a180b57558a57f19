import { writeFileSync } from "node:fs";
import { hashVectors, readReleased, releasedFile } from "./released-vectors.ts";

// Adds what is new to the list of released vectors: `pnpm run record v1`. What is in the list stays as it is.
const version = process.argv[2] ?? "v1";
const released = { ...hashVectors(version), ...readReleased(version) };
const sorted = Object.fromEntries(Object.entries(released).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(releasedFile(version), `${JSON.stringify(sorted, null, 2)}\n`);
