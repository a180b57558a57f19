import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { seededRandom } from "./seeded-random.ts";

const NAMES = ["notes", "Größe", "東京", "naïve café", "🌍", "a.b", "UPPER", "Σίσυφος", "x y", "o'clock"];
const WORDS = [
  "the",
  "Straße",
  "l'été",
  "東京",
  "and",
  "сло́во",
  "one",
  "of",
  "a_b",
  "42",
  "Größe",
  "word",
  "aujourd’hui",
];
const LONGEST_LINES = 900;

/** What is in every folder, however small: the borders of what word-count reads. */
const BORDERS: readonly (readonly [path: string, content: string | Uint8Array])[] = [
  ["empty.txt", ""],
  ["latin1.txt", new Uint8Array([0x67, 0x72, 0xfc, 0xdf])],
  ["picture.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47])],
];

/** Writes a folder with so many files, in folders inside one another; always the same for a seed. */
export async function generateFolder(folder: string, files: number, seed: number): Promise<void> {
  const random = seededRandom(seed, "folder");
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[]): T => {
    const picked = from[Math.floor(random() * from.length)];
    if (picked === undefined) throw new RangeError("there is nothing to pick from");
    return picked;
  };
  await mkdir(join(folder, "empty folder"), { recursive: true });
  for (let number = 0; number < files; number++) {
    const border = BORDERS[number];
    const folders = Array.from({ length: Math.floor(random() * 4) }, () => pick(NAMES));
    const path = border?.[0] ?? [...folders, `${number} ${pick(NAMES)}.md`].join("/");
    const lines = Array.from({ length: Math.ceil(random() ** 3 * LONGEST_LINES) }, () =>
      Array.from({ length: Math.floor(random() * 20) }, () => `${pick(WORDS)}${random() < 0.1 ? number : ""}`).join(
        " ",
      ),
    );
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), border?.[1] ?? `${lines.join("\n")}\n`);
  }
}
