import { join } from "node:path";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import {
  createWire,
  DEFAULT_GUEST_LIMITS,
  describeModule,
  type GuestDescription,
  grantWhatManifestAsks,
  type Manifest,
  type ManifestProblem,
  PluginManager,
  readManifest,
  readWasmFile,
} from "@spacedrive/runtime";
import { isSpacedriveError } from "@spacedrive/wire";
import { openExtensionFolder } from "../extension/extension-folder.js";

/** One thing that is wrong with an extension. */
export interface ExtensionProblem {
  /** `manifest.json: permissions.methods[2]`, or a file. */
  readonly path: string;
  readonly message: string;
}

const MANIFEST = "manifest.json";
const HANDLER = "(i32, i32, i32, i32) -> i32";

/**
 * Everything that would keep an extension from being loaded, or would surprise who loads it: first what can be read, then,
 * where all that is right, a start of the module in a host of its own.
 *
 * @throws SpacedriveError `EXTENSION_NOT_FOUND` where the folder is no extension's.
 */
export async function checkExtension(named: string): Promise<ExtensionProblem[]> {
  const folder = openExtensionFolder(named).path;
  let manifest: Manifest;
  try {
    manifest = await readManifest(folder);
  } catch (error) {
    return manifestProblems(error);
  }
  // What a WASI command offers shows when it starts: it has one export for all.
  if (manifest.engine === "wasi") {
    const problems = [...grantProblems(manifest)];
    return problems.length > 0 ? problems : startProblems(folder, manifest);
  }
  let module: GuestDescription;
  try {
    module = describeModule(await readWasmFile(folder, manifest, DEFAULT_GUEST_LIMITS.maxModuleBytes), manifest.id);
  } catch (error) {
    return [{ path: manifest.wasm_file, message: messageOf(error) }];
  }
  // A module that was built for something else: what it is for says more than what it lacks for being one of ours.
  if (module.imports.some((one) => one.module !== "spacedrive")) {
    const refused = await startProblems(folder, manifest);
    if (refused.length > 0) return refused;
  }
  const problems = [...exportProblems(manifest, module), ...grantProblems(manifest)];
  return problems.length > 0 ? problems : startProblems(folder, manifest);
}

function manifestProblems(error: unknown): ExtensionProblem[] {
  const listed = isSpacedriveError(error) ? error.details["problems"] : undefined;
  if (!Array.isArray(listed)) return [{ path: MANIFEST, message: messageOf(error) }];
  // Proof: MANIFEST_INVALID lists ManifestProblems there.
  return (listed as readonly ManifestProblem[]).map(({ path, message }) => ({ path: `${MANIFEST}: ${path}`, message }));
}

/** What the manifest names has to be there, with the signature that the host calls. */
function* exportProblems(manifest: Manifest, module: GuestDescription): Iterable<ExtensionProblem> {
  const named = [
    ...manifest.jobs.map((job, index) => ({ path: `jobs[${index}].export`, name: job.export })),
    ...manifest.operations.map((operation, index) => ({ path: `operations[${index}].export`, name: operation.export })),
  ];
  for (const { path, name } of named) {
    const found = module.exports.find((candidate) => candidate.name === name);
    if (found === undefined) {
      yield {
        path: `${MANIFEST}: ${path}`,
        message: `the module does not export "${name}". Build it again, or correct the name`,
      };
    } else if (found.signature !== HANDLER) {
      yield {
        path: `${MANIFEST}: ${path}`,
        message: `the export "${name}" is ${found.signature} and must be ${HANDLER}`,
      };
    }
  }
}

/** Grants that say the same twice, or ask for what every extension has. */
function* grantProblems(manifest: Manifest): Iterable<ExtensionProblem> {
  const { methods } = manifest.permissions;
  for (const [index, method] of methods.entries()) {
    const path = `${MANIFEST}: permissions.methods[${index}]`;
    if (methods.indexOf(method) !== index) yield { path, message: `"${method}" is asked for twice` };
    if (method.replace(/^(query|action):/, "").startsWith(`${manifest.id}:`)) {
      yield { path, message: `"${method}" is the extension's own: it needs no grant for that` };
    }
  }
}

/** Loads it as a host would, without libraries, jobs or operations of its own. */
async function startProblems(folder: string, manifest: Manifest): Promise<ExtensionProblem[]> {
  await using wasi = createWasiEngine({ transport: "shim" });
  await using plugins = new PluginManager({
    engines: { wasi },
    dir: join(folder, ".."),
    wire: createWire(),
    jobs: { register: () => ({ unregister: async () => {} }) },
    grants: grantWhatManifestAsks(),
  });
  try {
    await plugins.loadFolder(folder);
    return [];
  } catch (error) {
    return [{ path: manifest.wasm_file, message: messageOf(error) }];
  }
}

function messageOf(error: unknown): string {
  if (isSpacedriveError(error)) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}
