import path from "node:path";
import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { GuestModule } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import { readExtensionFile } from "./manifest/extension-file.js";
import type { Manifest } from "./manifest/manifest-schema.js";
import { readWasmFile } from "./manifest/read-manifest.js";
import type { PluginHost } from "./plugin-host.js";

const MIB = 1024 * 1024;
/** Of a larger one nothing would be read when it is needed. */
const MAX_SOURCE_MAP_BYTES = 4 * MIB;

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
  engines: PluginHost["engines"],
  folder: string,
  manifest: Manifest,
  limits: GuestLimits,
): Promise<GuestModule> {
  const engine = engines[manifest.engine];
  if (engine === null) {
    throw new SpacedriveError(
      "MODULE_INVALID",
      `"${manifest.id}" says "engine": "${manifest.engine}" in its manifest, and this host has no such engine. Pass one to PluginManager: engines: { wasi: createWasiEngine() } of @spacedrive/engine-wasmer.`,
    );
  }
  const bytes = await readWasmFile(folder, manifest, limits.maxModuleBytes);
  const sourceMap = await readSourceMap(folder, manifest);
  return engine.compile(manifest.id, bytes, limits, sourceMap === null ? {} : { sourceMap });
}

/** The map beside the module, or null: an extension without one loses line numbers and nothing else. */
async function readSourceMap(folder: string, manifest: Manifest): Promise<string | null> {
  const none = new SpacedriveError("NOT_FOUND", "There is no source map.");
  try {
    const file = path.posix.normalize(`${manifest.wasm_file}.map`);
    const bytes = await readExtensionFile({
      folder,
      file,
      maxBytes: MAX_SOURCE_MAP_BYTES,
      missing: () => none,
      tooLarge: () => none,
    });
    return bytes.toString("utf8");
  } catch (error) {
    if (isSpacedriveError(error)) return null;
    throw error;
  }
}
