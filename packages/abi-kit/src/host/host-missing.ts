import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";

/** The error of a host that is not there at all: no vector has failed then, and none can be run. */
export function hostMissing(message: string): SpacedriveError {
  return new SpacedriveError("HOST_UNREACHABLE", message, { details: { host_missing: true } });
}

export function isHostMissing(thrown: unknown): thrown is SpacedriveError {
  return isSpacedriveError(thrown) && thrown.details["host_missing"] === true;
}
