import { createLibraryId, isSpacedriveError, parseMethod, type SpacedriveError } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../plugins/manifest/parse-manifest.js";
import { ExtensionPermissions } from "./extension-permissions.js";
import { askForGrants, grantOnly, type Grants, grantWhatManifestAsks } from "./grants.js";

const library = createLibraryId();
const otherLibrary = createLibraryId();

function manifest(permissions: Record<string, unknown>) {
  return parseManifest(
    { id: "finance", name: "Finance", version: "1.0.0", wasm_file: "a.wasm", permissions },
    "manifest.json",
  );
}

function check(asked: readonly string[], granted: readonly string[], method: string): string {
  const permissions = new ExtensionPermissions(manifest({ methods: asked }), { methods: granted, libraries: ["*"] });
  const { version, ...named } = parseMethod(method);
  return permissions.checkMethod(method, { ...named, version: version ?? 1 });
}

function refusal(work: () => unknown): SpacedriveError {
  try {
    work();
  } catch (error) {
    if (isSpacedriveError(error)) return error;
    throw error;
  }
  throw new Error("was not refused");
}

describe("the permissions of an extension", () => {
  it("allow what was asked and granted, and say by which grant", () => {
    expect(check(["vdfs."], ["query:"], "query:vdfs.list_entries.v1")).toBe("query:");
  });

  it("deny what was granted and not asked, and name the manifest's line", () => {
    const error = refusal(() => check(["test."], ["vdfs."], "action:vdfs.write_sidecar.input.v1"));
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(error.message).toBe(
      '"finance" may not call "action:vdfs.write_sidecar.input.v1": no grant matches. Add "vdfs.write_sidecar" to permissions.methods in its manifest, and grant it with --grant vdfs.write_sidecar.',
    );
    expect(error.details).toEqual({ missing_grant: "vdfs.write_sidecar" });
  });

  it("deny what was asked and not granted, and name the line that asks", () => {
    const error = refusal(() => check(["vdfs."], ["test."], "action:vdfs.write_sidecar.input.v1"));
    expect(error.code).toBe("PERMISSION_DENIED");
    expect(error.message).toContain('permissions.methods: "vdfs."');
    expect(error.message).toContain("--grant vdfs.write_sidecar");
  });

  it("deny another extension's operations under a grant of all queries", () => {
    const error = refusal(() => check(["query:"], ["query:"], "query:word-count:summary.v1"));
    expect(error.details).toEqual({ missing_grant: "word-count:summary" });
  });

  it("allow an extension its own operations without a grant", () => {
    expect(check([], [], "action:finance:import.input.v1")).toBe("(own)");
  });

  it("hold for a library that is asked and granted, and for no other", () => {
    const grants = { methods: [], libraries: [library.toUpperCase()] };
    const permissions = new ExtensionPermissions(manifest({ libraries: ["*"] }), grants);
    expect(() => permissions.checkLibrary(library)).not.toThrow();
    const error = refusal(() => permissions.checkLibrary(otherLibrary));
    expect(error.code).toBe("LIBRARY_ACCESS_DENIED");
    expect(error.message).toContain(otherLibrary);
  });

  it("deny a library that was granted and not asked", () => {
    const permissions = new ExtensionPermissions(manifest({ libraries: [library] }), { methods: [], libraries: ["*"] });
    expect(refusal(() => permissions.checkLibrary(otherLibrary)).message).toContain(
      "permissions.libraries in its manifest",
    );
  });

  it("take the smaller of the limits asked and granted", () => {
    const asked = manifest({ rate_limits: { requests_per_minute: 100, concurrent_jobs: 4 } });
    const grants = { methods: [], libraries: [], requestsPerMinute: 50, concurrentJobs: 8 };
    expect(new ExtensionPermissions(asked, grants)).toMatchObject({ requestsPerMinute: 50, concurrentJobs: 4 });
  });
});

describe("a grants policy", () => {
  const asking = manifest({ methods: ["vdfs.", "ai.ocr"] });

  async function asks(policy: Parameters<typeof askForGrants>[0]): Promise<Grants> {
    return askForGrants(policy, asking, new AbortController().signal);
  }

  it("can grant what the manifest asks", async () => {
    expect(await asks(grantWhatManifestAsks())).toEqual({ methods: ["vdfs.", "ai.ocr"], libraries: ["*"] });
  });

  it("can grant one extension what is written for it, and others nothing", async () => {
    expect(await asks(grantOnly({ finance: { methods: ["vdfs."], libraries: [library] } }))).toEqual({
      methods: ["vdfs."],
      libraries: [library],
    });
    expect(await asks(grantOnly({ other: { methods: ["vdfs."] } }))).toEqual({ methods: [], libraries: [] });
    expect(await asks(grantOnly({}))).toEqual({ methods: [], libraries: [] });
  });

  it("can grant a list to whichever extension asks", async () => {
    expect(await asks(grantOnly(["vdfs."]))).toEqual({ methods: ["vdfs."], libraries: ["*"] });
  });

  it("grants nothing where it fails", async () => {
    const failing = asks(() => Promise.reject(new Error("the user said no")));
    await expect(failing).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
      message: expect.stringContaining("the user said no"),
    });
  });

  it("is refused with its own text where it grants nonsense", () => {
    expect(refusal(() => new ExtensionPermissions(asking, { methods: ["*"], libraries: [] })).code).toBe(
      "INVALID_INPUT",
    );
    expect(refusal(() => new ExtensionPermissions(asking, { methods: [], libraries: ["home"] })).code).toBe(
      "INVALID_INPUT",
    );
  });
});
