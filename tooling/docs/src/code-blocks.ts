import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A fenced block of a page, with the HTML comment on the line above it, which says what becomes of it. */
export interface CodeBlock {
  readonly language: string;
  readonly code: string;
  /** The text between `<!--` and `-->`, or null. */
  readonly note: string | null;
}

const FENCE = /(?:^<!-- *(.*?) *-->\n+)?^```(\w*)\n([\s\S]*?)^```$/gm;

/** The blocks of a page of this repository, in their order. */
export function codeBlocks(page: string): CodeBlock[] {
  const text = readFileSync(pagePath(page), "utf8");
  return [...text.matchAll(FENCE)].map((match) => ({
    note: match[1] ?? null,
    language: match[2] ?? "",
    code: match[3] ?? "",
  }));
}

export function pagePath(page: string): string {
  return fileURLToPath(new URL(`../../../${page}`, import.meta.url));
}
