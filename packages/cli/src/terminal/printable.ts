// Control characters (escape sequences among them), and the marks that change the direction of what follows.
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * What an extension, a file name or a database wrote, made safe for a terminal: no escape sequence, no bell, no line that
 * overwrites another. Line feeds and tabs are kept.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/[\r\n\t]+/g, " "));
}
