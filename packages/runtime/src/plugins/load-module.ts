import path from "node:path";
import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { GuestEngine, GuestModule } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import { readExtensionFile } from "./manifest/extension-file.js";
import type { Manifest } from "./manifest/manifest-schema.js";
import { readWasmFile } from "./manifest/read-manifest.js";

const MIB = 1024 * 1024;

/** The host's limits, under which a manifest may ask for less memory. */
export function limitsOf(manifest: Manifest, limits: GuestLimits): GuestLimits {
  const asked = manifest.permissions.max_memory_mb;
  return asked === undefined ? limits : { ...limits, maxMemoryBytes: Math.min(limits.maxMemoryBytes, asked * MIB) };
}

/**
 * Reads and compiles the module of an extension.
 *
 * @throws SpacedriveError `MODULE_INVALID`, `PATH_DENIED`.
 */
export async function loadModule(
  engine: GuestEngine,
  folder: string,
  manifest: Manifest,
  limits: GuestLimits,
): Promise<GuestModule> {
  const bytes = await readWasmFile(folder, manifest, limits.maxModuleBytes);
  const sourceMap = await readSourceMap(folder, manifest, limits.maxModuleBytes);
  return engine.compile(manifest.id, bytes, limits, sourceMap === null ? {} : { sourceMap });
}

/** The map beside the module, or null: an extension without one loses line numbers and nothing else. */
async function readSourceMap(folder: string, manifest: Manifest, maxBytes: number): Promise<string | null> {
  const none = new SpacedriveError("NOT_FOUND", "There is no source map.");
  try {
    const file = path.posix.normalize(`${manifest.wasm_file}.map`);
    const bytes = await readExtensionFile({ folder, file, maxBytes, missing: () => none, tooLarge: () => none });
    return bytes.toString("utf8");
  } catch (error) {
    if (isSpacedriveError(error)) return null;
    throw error;
  }
}
