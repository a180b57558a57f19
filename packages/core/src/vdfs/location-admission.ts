import { realpath, stat } from "node:fs/promises";
import { isAbsolute, parse, resolve } from "node:path";
import { type Caller, describeCaller, SpacedriveError } from "@spacedrive/wire";
import { errnoOf } from "../paths/contained-file.js";
import { isInside } from "../paths/inside.js";

export interface LocationRequest {
  readonly path: string;
  readonly caller: Caller;
  /** Real path of the data directory. */
  readonly dataDir: string;
  /** Real paths of the locations that the user has added to the library. */
  readonly userLocations: readonly string[];
}

/**
 * Decides whether a folder may become a location, and answers its real path. The user, and the host's own code, may add
 * any folder but a file system's root and what touches the data directory; everybody else only folders inside a location
 * that the user has added.
 *
 * @throws SpacedriveError `PATH_DENIED` with the reason, `NOT_FOUND`, `INVALID_INPUT`.
 */
export async function admitLocation(request: LocationRequest): Promise<string> {
  const { path, dataDir } = request;
  if (!isAbsolute(path) || path.includes("\0")) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `${JSON.stringify(path)} cannot be a location: an absolute path is needed.`,
    );
  }
  // Before the disk is touched: who may not add a folder must not learn whether it exists.
  checkReach(resolve(path), request);
  const real = await realFolder(path);
  checkReach(real, request);

  if (real === parse(real).root) throw denied(path, "it is the root of a file system. Add the folders that you need.");
  if (isInside(real, dataDir)) throw denied(path, "it lies in the host's data directory.");
  if (isInside(dataDir, real)) {
    throw denied(path, `the host's data directory lies in it. Move the data directory, or add folders beside it.`);
  }
  return real;
}

function checkReach(path: string, request: LocationRequest): void {
  const { caller, userLocations } = request;
  if (caller.kind === "user" || caller.kind === "job") return;
  if (userLocations.some((location) => isInside(path, location))) return;
  throw denied(
    request.path,
    `${describeCaller(caller)} may add only folders inside a location that the user has added to this library.`,
  );
}

async function realFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    const errno = errnoOf(cause);
    if (errno === "ENOENT" || errno === "ENOTDIR")
      throw new SpacedriveError("NOT_FOUND", `There is no folder "${path}".`);
    throw new SpacedriveError("PATH_DENIED", `"${path}" cannot be opened (${errno ?? "unknown"}).`, { cause });
  }
  throw new SpacedriveError("INVALID_INPUT", `"${path}" cannot be a location: it is no folder.`);
}

function denied(path: string, reason: string): SpacedriveError {
  return new SpacedriveError("PATH_DENIED", `"${path}" cannot be a location: ${reason}`);
}
