import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** A guest, and in what its language makes it differ from the others. */
export interface GuestUnderTest {
  /** Its folder, with the built module in it. */
  readonly folder: URL;
  /** What its text makes of half a surrogate pair: it is kept, or U+FFFD. */
  readonly halfPair: string;
  /** The deepest lists that it reads over; null: as deep as they come. */
  readonly deepestLists: number | null;
  /** The largest whole number that it takes. */
  readonly largestNumber: number;
  /** What it has counted when its first entry, at the tenth step, is refused. */
  readonly itemsAtRefusal: 9 | 10;
}

/** A promise that every guest keeps. `run` rejects where it is broken. */
export interface GuestPromise {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** A promise about one guest. */
export type Check = (guest: GuestUnderTest) => Promise<void>;
export type Promised = readonly [name: string, check: Check];

/** What these tests need of a manifest. */
export interface GuestManifest {
  readonly id: string;
  readonly wasm_file: string;
  readonly engine?: string;
  readonly permissions: object;
  readonly jobs: readonly object[];
  readonly operations: readonly object[];
}

export async function manifestOf({ folder }: GuestUnderTest): Promise<GuestManifest> {
  const text = await readFile(fileURLToPath(new URL("manifest.json", folder)), "utf8");
  // Proof: `sdx check` accepts the examples' manifests, and each has both lists.
  return JSON.parse(text) as GuestManifest;
}

/** The method string of its query. */
export async function greetOf(guest: GuestUnderTest): Promise<string> {
  return `query:${(await manifestOf(guest)).id}:greet.v1`;
}
