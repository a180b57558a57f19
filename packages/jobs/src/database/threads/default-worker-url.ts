import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { SpacedriveError } from "@spacedrive/wire";

/**
 * The built worker file of this package, by its own export: the same from the sources, from dist and from a program that
 * was bundled and still has the package.
 *
 * @throws SpacedriveError `NOT_FOUND` where it cannot be found: then `workerUrl` must be given.
 */
export function defaultWorkerUrl(): URL {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve("@spacedrive/jobs/worker"));
  } catch (cause) {
    throw new SpacedriveError(
      "NOT_FOUND",
      'The store\'s worker file was not found. Copy "@spacedrive/jobs/worker" beside the bundled program, and pass its URL as the option workerUrl.',
      { cause },
    );
  }
}
