// C0 and C1 controls, DEL, line and paragraph separators, and what turns the direction of text around.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text of a guest, safe to print on a terminal and in a line-based log: what could move the cursor, forge a line or hide
 * text is written as an escape, and the length is bounded.
 */
export function printableLine(text: string, maxLength: number): string {
  return cut(text, maxLength).replaceAll(UNPRINTABLE, escape);
}

/** The same for text that may have several lines, such as a stack: newlines and tabs stay. */
export function printableText(text: string, maxLength: number): string {
  return cut(text, maxLength).replaceAll(UNPRINTABLE, (character) =>
    character === "\n" || character === "\t" ? character : escape(character),
  );
}

function escape(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "\r") return "\\r";
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length - maxLength} more characters)`;
}
