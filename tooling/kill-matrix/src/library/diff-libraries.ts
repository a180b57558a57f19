import type { CanonicalLibrary } from "./canonical-library.ts";

const MOST_LINES = 6;
const LONGEST = 160;

/** How a library differs from the expected one; nothing where it does not. */
export function diffLibraries(expected: CanonicalLibrary, found: CanonicalLibrary): string[] {
  const missing = only(expected, found);
  const surplus = only(found, expected);
  const told = missing.map((line) => {
    const twin = takeNearest(surplus, line);
    return twin === null ? `missing: ${shortened(line, 0)}` : changed(line, twin);
  });
  told.push(...surplus.map((line) => `not expected: ${shortened(line, 0)}`));
  return told.length > MOST_LINES ? [...told.slice(0, MOST_LINES), `and ${told.length - MOST_LINES} more`] : told;
}

/** The lines of one that the other does not have as often. */
function only(lines: CanonicalLibrary, others: CanonicalLibrary): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

/** Takes away the line that is most like another; null where none is of the same thing. */
function takeNearest(lines: string[], line: string): string | null {
  const same = lines.map((other) => commonLength(line, other));
  const most = Math.max(0, ...same);
  const thing = line.split(" ", 2).join(" ").length;
  return most <= thing ? null : (lines.splice(same.indexOf(most), 1)[0] ?? null);
}

function commonLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function changed(expected: string, found: string): string {
  const from = Math.max(0, commonLength(expected, found) - 40);
  const head = expected.slice(0, 60);
  return `changed: ${head}… expected ${shortened(expected, from)} and found ${shortened(found, from)}`;
}

function shortened(line: string, from: number): string {
  const part = line.slice(from, from + LONGEST);
  return `${from > 0 ? "…" : ""}${part}${from + LONGEST < line.length ? "…" : ""}`;
}
