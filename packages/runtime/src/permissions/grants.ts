import { checkNumber, COUNT, parseLibraryId, SpacedriveError } from "@spacedrive/wire";
import type { Manifest } from "../plugins/manifest/manifest-schema.js";

/**
 * What the integrator grants an extension. It can only take away from what the manifest asks: a grant of something that
 * was not asked for allows nothing.
 */
export interface Grants {
  /** Method grants, as in a manifest: `"vdfs."`, `"ai.ocr"`, `"query:"`, `"finance:summary"`. */
  readonly methods: readonly string[];
  /** `"*"` or library ids. */
  readonly libraries: readonly string[];
  /** At least 1. Default: what the manifest asks. */
  readonly requestsPerMinute?: number;
  /** Default: what the manifest asks. */
  readonly concurrentJobs?: number;
}

/** Decides what an extension is granted, at load and at each reload. A rejection refuses the load. */
export type GrantsPolicy = (manifest: Manifest) => Grants | Promise<Grants>;

/** Grants all that a manifest asks. Right for extensions that the integrator has read, or wrote. */
export function grantWhatManifestAsks(): GrantsPolicy {
  return (manifest) => ({ methods: manifest.permissions.methods, libraries: manifest.permissions.libraries });
}

/** What {@link grantOnly} grants one extension. */
export interface GrantsOfExtension {
  /** Default: none. */
  readonly methods?: readonly string[];
  /** Default: those that the manifest asks. */
  readonly libraries?: readonly string[];
  readonly requestsPerMinute?: number;
  readonly concurrentJobs?: number;
}

/**
 * Grants only what is written here: by extension id, or, as a list, these methods to whichever extension asks for them.
 * An extension that is not named is granted nothing.
 */
export function grantOnly(allowed: readonly string[] | Readonly<Record<string, GrantsOfExtension>>): GrantsPolicy {
  return (manifest) => {
    const own = isList(allowed)
      ? { methods: allowed }
      : Object.hasOwn(allowed, manifest.id)
        ? allowed[manifest.id]
        : undefined;
    if (own === undefined) return { methods: [], libraries: [] };
    const { methods = [], libraries = manifest.permissions.libraries, ...limits } = own;
    return { methods, libraries, ...limits };
  };
}

function isList(
  allowed: readonly string[] | Readonly<Record<string, GrantsOfExtension>>,
): allowed is readonly string[] {
  return Array.isArray(allowed);
}

/**
 * Asks the policy.
 *
 * @param closed whoever asks does not wait for a policy's answer any longer.
 * @throws SpacedriveError `PERMISSION_DENIED` where it failed: no answer is no grant; `INVALID_INPUT` where a number that it answered
 * cannot be kept; `CLOSED`.
 */
export async function askForGrants(policy: GrantsPolicy, manifest: Manifest, closed: AbortSignal): Promise<Grants> {
  const { id } = manifest;
  const gaveUp = Promise.withResolvers<never>();
  const giveUp = (): void =>
    gaveUp.reject(
      new SpacedriveError("CLOSED", `The plugin manager was closed while its grants policy was asked about "${id}".`),
    );
  if (closed.aborted) giveUp();
  closed.addEventListener("abort", giveUp, { once: true });
  try {
    return checkGrants(id, await Promise.race([gaveUp.promise, askPolicy(policy, manifest)]));
  } finally {
    closed.removeEventListener("abort", giveUp);
  }
}

async function askPolicy(policy: GrantsPolicy, manifest: Manifest): Promise<Grants> {
  try {
    return await policy(manifest);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SpacedriveError(
      "PERMISSION_DENIED",
      `The grants policy did not grant "${manifest.id}" what it asks: ${reason}`,
      { cause },
    );
  }
}

/** A program without types can answer anything. */
function checkGrants(extension: string, grants: Grants): Grants {
  const what = (name: string): string => `What the grants policy answered for "${extension}" as ${name}`;
  const { methods, libraries, requestsPerMinute, concurrentJobs } = grants ?? {};
  for (const [name, list] of Object.entries({ methods, libraries })) {
    if (Array.isArray(list) && list.every((one) => typeof one === "string")) continue;
    throw new SpacedriveError(
      "INVALID_INPUT",
      `${what(name)} is no list of texts. Answer { methods: ["vdfs."], libraries: ["*"] }, with empty lists where nothing is granted.`,
    );
  }
  if (requestsPerMinute !== undefined)
    checkNumber(what("requestsPerMinute"), requestsPerMinute, { ...COUNT, least: 1 });
  if (concurrentJobs !== undefined) checkNumber(what("concurrentJobs"), concurrentJobs, COUNT);
  return grants;
}

/** The libraries of a list, ready to be asked about. */
export class LibraryGrants {
  readonly #all: boolean;
  readonly #ids: ReadonlySet<string>;

  /** @throws SpacedriveError `INVALID_INPUT` where one is neither `"*"` nor a UUID. */
  constructor(libraries: readonly string[]) {
    this.#all = libraries.includes("*");
    this.#ids = new Set(libraries.filter((id) => id !== "*").map((id) => parseLibraryId(id)));
  }

  allows(library: string): boolean {
    return this.#all || this.#ids.has(library);
  }
}
