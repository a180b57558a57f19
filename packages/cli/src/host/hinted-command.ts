import { DEFAULT_LIBRARY } from "./host-options.js";

/** Where a command works, as its command line said it. */
export interface Place {
  readonly dataDir?: string;
  readonly library?: string;
}

/** `sdx jobs resume <id>` as the user can paste it: with the data directory of the command that says so, where it was given. */
export function hintedCommand(words: string, { dataDir }: Place): string {
  return dataDir === undefined ? `sdx ${words}` : `sdx ${words} --data-dir ${shellWord(dataDir)}`;
}

/** The same for a command that works in one library, such as `sdx run <dir>`. */
export function hintedLibraryCommand(words: string, place: Place): string {
  const { library = DEFAULT_LIBRARY } = place;
  const inLibrary = library === DEFAULT_LIBRARY ? words : `${words} --library ${shellWord(library)}`;
  return hintedCommand(inLibrary, place);
}

/** One word to a POSIX shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
