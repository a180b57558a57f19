import type { z } from "zod";

/** Controls, what turns the direction of text around, lone halves of a character, and letters that nobody sees. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;
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
    .map((issue) => `${formatPath(issue.path)}: ${printable(issue.message, MAX_MESSAGE_CHARACTERS)}`);
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
      const key = printable(String(step), MAX_STEP_CHARACTERS);
      text += text === "" ? key : `.${key}`;
    }
  }
  return text === "" ? "(top)" : text;
}

function printable(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replaceAll(UNPRINTABLE, escape);
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}
