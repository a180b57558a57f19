import type { z } from "zod";
import { printableLine } from "./printable.js";

const MAX_STEP_CHARACTERS = 200;
const MAX_PATH_CHARACTERS = 500;
const MAX_MESSAGE_CHARACTERS = 500;

/**
 * The first few problems of a failed parse in one line: `count: expected number, received string; …`. Keys and values may be
 * anybody's, so what could move a terminal's cursor or forge a line is written as an escape, and the length is bounded.
 */
export function describeIssues(error: z.ZodError, most = 3): string {
  const lines = error.issues
    .slice(0, most)
    .map((issue) => `${formatPath(issue.path)}: ${printableLine(issue.message, MAX_MESSAGE_CHARACTERS)}`);
  const more = error.issues.length - lines.length;
  return lines.join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** A path as a reader writes it: `permissions.methods[2]`; the top is `(top)`. Safe to print, and bounded. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const step of path) {
    if (text.length > MAX_PATH_CHARACTERS) return `${text}…`;
    if (typeof step === "number") {
      text += `[${step}]`;
    } else {
      const key = printableLine(String(step), MAX_STEP_CHARACTERS);
      text += text === "" ? key : `.${key}`;
    }
  }
  return text === "" ? "(top)" : text;
}
