// What the extension counts, counted by other means: regular expressions, of which AssemblyScript has none.
const WORD = /[\p{L}\p{M}\p{Nd}_]+(?:['’][\p{L}\p{M}\p{Nd}_]+)*/gu;

export interface Count {
  readonly lines: number;
  readonly words: number;
  readonly bytes: number;
  readonly most_frequent: readonly { readonly word: string; readonly count: number }[];
}

export function countInJavascript(text: string): Count {
  const words = text.match(WORD) ?? [];
  const frequencies = new Map<string, number>();
  for (const word of words.map(fold)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  const lines = text.split("\n");
  return {
    lines: lines.at(-1) === "" ? lines.length - 1 : lines.length,
    words: words.length,
    bytes: Buffer.byteLength(text),
    most_frequent: [...frequencies]
      .map(([word, count]) => ({ word, count }))
      .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
      .slice(0, 20),
  };
}

/** STRASSE and Straße are one word. */
function fold(word: string): string {
  return word.toUpperCase().toLowerCase();
}
