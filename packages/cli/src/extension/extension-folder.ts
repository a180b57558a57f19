import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { parseJson, SpacedriveError } from "@spacedrive/wire";
import { z } from "zod";

/** A folder that a user named as an extension. */
export interface ExtensionFolder {
  /** Absolute. */
  readonly path: string;
  /** As messages name it. */
  readonly name: string;
  /** True where sdx can build it: it holds asconfig.json. */
  readonly hasSources: boolean;
}

const CONFIG = "asconfig.json";
const MANIFEST = "manifest.json";
const wasmFile = z.object({ wasm_file: z.string() });

/** @throws SpacedriveError `EXTENSION_NOT_FOUND` where the folder is not there or is no extension's. */
export function openExtensionFolder(named: string): ExtensionFolder {
  if (named === "") throw new SpacedriveError("EXTENSION_NOT_FOUND", "The name of the extension's folder is empty.");
  const path = resolve(named);
  if (!existsSync(path)) throw new SpacedriveError("EXTENSION_NOT_FOUND", `There is no folder "${named}".`);
  if (!statSync(path).isDirectory()) {
    throw new SpacedriveError("EXTENSION_NOT_FOUND", `"${named}" is a file, and an extension is a folder.`);
  }
  const hasSources = existsSync(join(path, CONFIG));
  if (!hasSources && !existsSync(join(path, MANIFEST))) {
    throw new SpacedriveError(
      "EXTENSION_NOT_FOUND",
      `"${named}" is no extension: it has neither ${MANIFEST} (built) nor ${CONFIG} (AssemblyScript sources). Name the folder of one, or make one: sdx create <name>`,
    );
  }
  return { path, name: basename(path), hasSources };
}

/** The built module, or null where there is none or the manifest does not name one; says nothing on whether it is right. */
export function builtModule(folder: ExtensionFolder): string | null {
  const manifest = join(folder.path, MANIFEST);
  if (!existsSync(manifest)) return null;
  const parsed = wasmFile.safeParse(parseJson(readFileSync(manifest, "utf8"), `"${manifest}"`, "MANIFEST_INVALID"));
  if (!parsed.success) return null;
  const module = join(folder.path, parsed.data.wasm_file);
  return existsSync(module) ? module : null;
}

/** Why a folder with sources has to be built before it is loaded; null where what is built is newer than its sources. */
export function reasonToBuild(folder: ExtensionFolder): string | null {
  if (!folder.hasSources) return null;
  const module = builtModule(folder);
  if (module === null) return "it is not built yet";
  const newer = newerThan(module, folder, [CONFIG, "assembly/**/*.ts"]);
  return newer === null ? null : `${newer} is newer than what is built`;
}

/** What a user should hear of a folder that sdx cannot build and whose module is older than what lies beside it; null: nothing. */
export function staleModule(folder: ExtensionFolder): string | null {
  if (folder.hasSources) return null;
  const module = builtModule(folder);
  const newer = module === null ? null : newerThan(module, folder, ["{src,assembly}/**/*.{c,h,cpp,rs,ts,zig,go}"]);
  if (module === null || newer === null) return null;
  return `${newer} is newer than ${relative(folder.path, module)}, which is run as it is: sdx builds what has ${CONFIG} only. Build it again by its own means.`;
}

function newerThan(module: string, { path }: ExtensionFolder, patterns: string[]): string | null {
  const builtAt = statSync(module).mtimeMs;
  return globSync(patterns, { cwd: path }).find((file) => statSync(join(path, file)).mtimeMs > builtAt) ?? null;
}
