import { Uuid } from "@spacedrive/sdk";

/** A word and how often it is there. */
@json
export class WordCount {
  word!: string;
  count!: u32;
}

/** The job's parameters, and all it needs to go on: not the listing, which is asked for again page by page. */
@json
export class CountState {
  location_id!: Uuid;
  /** How many files there are, once they have been counted. */
  total: u32 = 0;
  listed: bool = false;
  /** Path of the last file that is done. */
  cursor: string | null = null;
  files: u32 = 0;
  skipped: u32 = 0;
  lines: u64 = 0;
  words: u64 = 0;
  bytes: u64 = 0;
  /** The words of all files so far; the rare ones are left out once there are too many. */
  frequencies: Map<string, u32> = new Map<string, u32>();
}

/** What the job answers. */
@json
export class CountResult {
  files!: u32;
  skipped!: u32;
  lines!: u64;
  words!: u64;
  bytes!: u64;
  most_frequent!: WordCount[];
}

/** The sidecar `word-count.json` of a file. */
@json
export class FileReport {
  lines!: u64;
  words!: u64;
  bytes!: u64;
  most_frequent!: WordCount[];
}

/** What a file's metadata is given. */
@json
export class WordMetadata {
  words!: u64;
  lines!: u64;
}

@json
export class SummaryInput {
  /** Without it, the whole library. */
  location_id: Uuid | null = null;
}

@json
export class FileWords {
  path!: string;
  words!: u64;
  lines!: u64;
}

@json
export class Summary {
  files!: u32;
  lines!: u64;
  words!: u64;
  /** The files with the most words. */
  largest!: FileWords[];
}
