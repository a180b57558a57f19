import { statSync } from "node:fs";
import { relative } from "node:path";
import { readManifest } from "@spacedrive/runtime";
import { SpacedriveError } from "@spacedrive/wire";
import { builtModule, openExtensionFolder } from "../extension/extension-folder.js";
import { compile } from "./compile.js";

/** What a build left behind. */
export interface BuiltExtension {
  /** Absolute path of the module. */
  readonly module: string;
  /** The same, from the extension's folder. */
  readonly moduleName: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** What the compiler printed: warnings, as `asc` prints them; empty where it had nothing to say. */
  readonly output: string;
}

/** How an extension is built. */
export interface BuildOptions {
  /** The target of asconfig.json. Default: `release`. */
  readonly target?: string;
  /** Colours in the compiler's output. Default: none. */
  readonly colors?: boolean;
  /** Is handed what the compiler prints, once, before a failure is thrown. */
  readonly onOutput?: (output: string) => void;
}

/**
 * Builds an AssemblyScript extension as its asconfig.json says: `manifest.json` and the module that it names.
 *
 * @throws SpacedriveError `EXTENSION_NOT_FOUND`, `BUILD_FAILED`, and `MANIFEST_INVALID` where no host would take what was built.
 */
export async function buildExtension(named: string, options: BuildOptions = {}): Promise<BuiltExtension> {
  const folder = openExtensionFolder(named);
  if (!folder.hasSources) {
    throw new SpacedriveError(
      "BUILD_FAILED",
      `"${folder.name}" has no asconfig.json, so sdx does not know how to build it.`,
    );
  }
  const startedAt = performance.now();
  const { ok, output } = await compile({
    folder: folder.path,
    args: ["--baseDir", folder.path, "--target", options.target ?? "release"],
    colors: options.colors === true,
  });
  if (output.trim() !== "") options.onOutput?.(output.trimEnd());
  if (!ok) {
    throw new SpacedriveError(
      "BUILD_FAILED",
      `"${folder.name}" was not built: the compiler refused its source (see above).`,
    );
  }
  const module = builtModule(folder);
  if (module === null) {
    throw new SpacedriveError(
      "BUILD_FAILED",
      `"${folder.name}" was compiled, but wrote no manifest.json that names its module. Its asconfig.json needs "transform": ["@spacedrive/sdk/transform"] and a class with @extension.`,
    );
  }
  await readManifest(folder.path);
  return {
    module,
    moduleName: relative(folder.path, module),
    bytes: statSync(module).size,
    durationMs: performance.now() - startedAt,
    output,
  };
}
