import { type HostClient, listLibraries, openLibraryByName } from "@spacedrive/core";
import { type LibraryId, parseLibraryId, SpacedriveError } from "@spacedrive/wire";
import { hintedLibraryCommand, type Place } from "./hinted-command.js";
import { DEFAULT_LIBRARY } from "./host-options.js";

/** A host, whichever process it is in, as commands call it: everything they do is an operation, or watching a job. */
export interface HostAccess extends Pick<HostClient, "call" | "follow">, AsyncDisposable {
  /** The process that has the data directory open, where it is another one. */
  readonly runningIn: number | null;
  /** As the command line named it: where the commands that are hinted at work. */
  readonly place: Place;
}

/** A library as commands name it. */
export interface NamedLibrary {
  readonly id: LibraryId;
  readonly name: string;
}

/** The host's open libraries, by name; those that could not be opened are told to `unopened`. */
export async function librariesOf(
  host: HostAccess,
  unopened: (name: string, reason: string) => void = () => {},
): Promise<NamedLibrary[]> {
  const answer = await host.call(listLibraries, {});
  for (const { name, reason } of answer.unopened) unopened(name, reason);
  return answer.libraries.map(({ id, name }) => ({ id: parseLibraryId(id), name }));
}

/**
 * The library of this name; only the default one is made where there is none, so that a mistyped name makes nothing.
 *
 * @throws SpacedriveError `LIBRARY_NOT_FOUND` with the names of those that are there.
 */
export async function findLibrary(host: HostAccess, name: string): Promise<NamedLibrary> {
  const libraries = await librariesOf(host);
  const found = libraries.find((library) => library.name === name);
  if (found !== undefined) return found;
  if (name === DEFAULT_LIBRARY) {
    const made = await host.call(openLibraryByName, { name });
    return { id: parseLibraryId(made.id), name: made.name };
  }
  const names = libraries.map((library) => `"${library.name}"`);
  throw new SpacedriveError(
    "LIBRARY_NOT_FOUND",
    `There is no library "${name}". ${names.length === 0 ? "There is none yet" : `There is ${names.join(", ")}`}. To make one: ${hintedLibraryCommand("run <dir>", { ...host.place, library: name })}`,
  );
}
