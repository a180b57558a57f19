// C0 and C1 controls, DEL, line and paragraph separators, what turns the direction of text around, lone halves of a
// character, and the letters that nobody sees: fillers, spaces of no width, annotations, tags and the byte order mark. Not the two
// joiners, of which families, scripts of India and Persian are made.
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\p{Bidi_Control}\u00ad\u115f\u1160\u180e\u200b\u2028\u2029\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/**
 * Text of somebody else's, safe to print on a terminal and in a line-based log: what could move the cursor, forge a line or hide
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
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\u{${code.toString(16)}}`;
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length - maxLength} more characters)`;
}
