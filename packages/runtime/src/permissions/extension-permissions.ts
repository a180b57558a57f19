import { type LibraryId, SpacedriveError } from "@spacedrive/wire";
import type { Manifest } from "../plugins/manifest/manifest-schema.js";
import { type Grants, LibraryGrants } from "./grants.js";
import {
  type GrantableOperation,
  matchesMethod,
  type MethodGrant,
  narrowestGrant,
  parseMethodGrant,
} from "./method-grant.js";

/** Why an operation may not be called, made once: a guest may ask as often as it can. */
interface Refusal {
  readonly missing: string;
  readonly message: string;
}

/** What one version of an extension may do: what its manifest asks and the integrator granted, both. */
export class ExtensionPermissions {
  readonly extension: string;
  readonly requestsPerMinute: number;
  readonly concurrentJobs: number;
  readonly #askedMethods: readonly MethodGrant[];
  readonly #grantedMethods: readonly MethodGrant[];
  readonly #askedLibraries: LibraryGrants;
  readonly #grantedLibraries: LibraryGrants;
  /** Method string to its grant, or its refusal, of what was asked before: at most one for each operation there is. */
  readonly #judged = new Map<string, string | Refusal>();

  /** @throws SpacedriveError `INVALID_INPUT` where a grant of the policy is malformed. */
  constructor(manifest: Manifest, grants: Grants) {
    const { permissions } = manifest;
    this.extension = manifest.id;
    this.#askedMethods = permissions.methods.map(parseMethodGrant);
    this.#grantedMethods = grants.methods.map(parseMethodGrant);
    this.#askedLibraries = new LibraryGrants(permissions.libraries);
    this.#grantedLibraries = new LibraryGrants(grants.libraries);
    const asked = permissions.rate_limits;
    this.requestsPerMinute = Math.min(asked.requests_per_minute, grants.requestsPerMinute ?? Infinity);
    this.concurrentJobs = Math.min(asked.concurrent_jobs, grants.concurrentJobs ?? Infinity);
  }

  /**
   * The text of the grant that allows an operation.
   *
   * @throws SpacedriveError `PERMISSION_DENIED` that names the missing grant and where to write it.
   */
  checkMethod(method: string, operation: GrantableOperation): string {
    if (operation.extension === this.extension) return "(own)";
    const known = this.#judged.get(method) ?? this.#judge(method, operation);
    this.#judged.set(method, known);
    if (typeof known === "string") return known;
    throw new SpacedriveError("PERMISSION_DENIED", known.message, { details: { missing_grant: known.missing } });
  }

  #judge(method: string, operation: GrantableOperation): string | Refusal {
    const granted = this.#grantedMethods.find((grant) => matchesMethod(grant, operation));
    const asked = this.#askedMethods.find((grant) => matchesMethod(grant, operation));
    if (granted !== undefined && asked !== undefined) return granted.text;

    const missing = narrowestGrant(operation);
    const remedy =
      asked === undefined
        ? `Add "${missing}" to permissions.methods in its manifest, and grant it with --grant ${missing}.`
        : `Its manifest asks for it (permissions.methods: "${asked.text}"), and that was not granted: grant it with --grant ${missing}, or in the grants policy.`;
    return { missing, message: `"${this.extension}" may not call "${method}": no grant matches. ${remedy}` };
  }

  /** @throws SpacedriveError `LIBRARY_ACCESS_DENIED` that says whether it was not asked for or not granted. */
  checkLibrary(library: LibraryId): void {
    if (!this.#askedLibraries.allows(library)) {
      throw new SpacedriveError(
        "LIBRARY_ACCESS_DENIED",
        `"${this.extension}" may not touch library ${library}: add it (or "*") to permissions.libraries in its manifest, and grant it.`,
      );
    }
    if (!this.#grantedLibraries.allows(library)) {
      throw new SpacedriveError(
        "LIBRARY_ACCESS_DENIED",
        `"${this.extension}" may not touch library ${library}: its manifest asks for it (permissions.libraries), and that was not granted: add it to the grants policy's libraries.`,
      );
    }
  }
}
