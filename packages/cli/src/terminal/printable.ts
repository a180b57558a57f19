import { printableText } from "@spacedrive/wire";

/**
 * What an extension, a file name or a database wrote, made safe for a terminal, whole: no escape sequence, no bell, no line that
 * overwrites another, no text that hides. Line feeds and tabs are kept.
 */
export function printable(text: string): string {
  return printableText(text, Number.POSITIVE_INFINITY);
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/[\r\n\t]+/g, " "));
}
