import { Option } from "commander";
import { nonEmpty } from "../non-empty.js";

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
  ).argParser(nonEmpty);
}

export function libraryOption(): Option {
  return new Option("--library <name>", "the library to work in").default(DEFAULT_LIBRARY).argParser(nonEmpty);
}
