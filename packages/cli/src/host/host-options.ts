import { Option } from "commander";

/** The library that commands use where they are told no other. */
export const DEFAULT_LIBRARY = "default";

/** Options of every command that opens a data directory. */
export interface HostOptions {
  readonly dataDir?: string;
  readonly library: string;
}

export function dataDirOption(): Option {
  return new Option(
    "--data-dir <dir>",
    "where libraries lie (default: SPACEDRIVE_DATA_DIR, else the user's data folder)",
  );
}

export function libraryOption(): Option {
  return new Option("--library <name>", "the library to work in").default(DEFAULT_LIBRARY);
}
