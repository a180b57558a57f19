import { fileURLToPath } from "node:url";
import { ARROWS } from "./arrows.ts";
import { findViolations } from "./find-violations.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const violations = findViolations(root, ARROWS);
for (const { file, line, rule, message } of violations) console.error(`${file}:${line}  ${rule}: ${message}`);
process.exitCode = violations.length === 0 ? 0 : 1;
