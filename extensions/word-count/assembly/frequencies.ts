import { WordCount } from "./model";
import { WordTable } from "./word-table";

/** How many words are named as the most frequent. */
const TOP: i32 = 20;
/** Different words that the state keeps at most; it is written with every checkpoint. */
const MOST_KEPT: i32 = 4096;
/** What is kept of them when there are more. */
const KEPT: i32 = 2048;

/** The most frequent words of a file: by count, then by the alphabet. */
export function topOfTable(table: WordTable): WordCount[] {
  const top: WordCount[] = [];
  for (let slot: u32 = 0; slot < table.slotCount; slot++) {
    const count = table.countAt(slot);
    if (count == 0) continue;
    if (top.length == TOP && count < top[TOP - 1].count) continue;
    place(top, TOP, table.wordAt(slot), count);
  }
  return top;
}

/** The most frequent words of all. */
export function topOfMap(frequencies: Map<string, u32>, most: i32 = TOP): WordCount[] {
  const top: WordCount[] = [];
  for (const word of frequencies.keys()) {
    const count = frequencies.get(word);
    if (top.length == most && count < top[most - 1].count) continue;
    place(top, most, word, count);
  }
  return top;
}

/**
 * Adds a file's words to those of all. Beyond a bound the rarest are forgotten, so that a state stays small: the counts
 * of frequent words are then right or a little low.
 */
export function addTable(frequencies: Map<string, u32>, table: WordTable): void {
  for (let slot: u32 = 0; slot < table.slotCount; slot++) {
    const count = table.countAt(slot);
    if (count == 0) continue;
    const word = table.wordAt(slot);
    frequencies.set(word, frequencies.has(word) ? frequencies.get(word) + count : count);
  }
  if (frequencies.size <= MOST_KEPT) return;
  const entries: WordCount[] = [];
  for (const word of frequencies.keys()) entries.push(wordCount(word, frequencies.get(word)));
  entries.sort((a, b) => (isBefore(a, b) ? -1 : 1));
  frequencies.clear();
  for (let i = 0; i < KEPT; i++) frequencies.set(entries[i].word, entries[i].count);
}

function place(top: WordCount[], most: i32, word: string, count: u32): void {
  const entry = wordCount(word, count);
  let at = top.length;
  while (at > 0 && isBefore(entry, top[at - 1])) at--;
  if (at == most) return;
  if (top.length == most) top.pop();
  top.push(entry);
  for (let i = top.length - 1; i > at; i--) top[i] = top[i - 1];
  top[at] = entry;
}

function isBefore(a: WordCount, b: WordCount): bool {
  return a.count > b.count || (a.count == b.count && a.word < b.word);
}

function wordCount(word: string, count: u32): WordCount {
  const entry = new WordCount();
  entry.word = word;
  entry.count = count;
  return entry;
}
