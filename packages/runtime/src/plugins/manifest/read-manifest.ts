import path from "node:path";
import { isSpacedriveError, parseJson, SpacedriveError } from "@spacedrive/wire";
import { readExtensionFile } from "./extension-file.js";
import type { Manifest } from "./manifest-schema.js";
import { manifestInvalid, parseManifest } from "./parse-manifest.js";

export const MANIFEST_FILE = "manifest.json";
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * Reads and checks the manifest of the extension in `folder`.
 *
 * @throws SpacedriveError `EXTENSION_NOT_FOUND` where there is none, `MANIFEST_INVALID` with every problem and its path,
 * `PATH_DENIED`.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const where = path.join(folder, MANIFEST_FILE);
  const bytes = await readExtensionFile({
    folder,
    file: MANIFEST_FILE,
    maxBytes: MAX_MANIFEST_BYTES,
    missing: (cause) =>
      new SpacedriveError(
        "EXTENSION_NOT_FOUND",
        `There is no extension in ${folder}: ${where} cannot be read. Build it first.`,
        {
          cause,
        },
      ),
    tooLarge: (size) =>
      manifestInvalid(where, [{ path: "(top)", message: `has ${size} bytes; ${MAX_MANIFEST_BYTES} are allowed` }]),
  });
  return parseManifest(parseManifestText(bytes.toString("utf8"), where), where);
}

function parseManifestText(text: string, where: string): unknown {
  try {
    return parseJson(text, where, "MANIFEST_INVALID");
  } catch (error) {
    const message = isSpacedriveError(error) ? error.message.slice(where.length + 1) : "is not valid JSON";
    throw manifestInvalid(where, [{ path: "(top)", message }], error);
  }
}

/**
 * Reads the module that a manifest names.
 *
 * @throws SpacedriveError `MODULE_INVALID` where it is missing or too large, `PATH_DENIED` where it leads out of the folder.
 */
export function readWasmFile(folder: string, manifest: Manifest, maxBytes: number): Promise<Buffer> {
  const { id, wasm_file: file } = manifest;
  return readExtensionFile({
    folder,
    file,
    maxBytes,
    missing: (cause) =>
      new SpacedriveError(
        "MODULE_INVALID",
        `"${id}": wasm_file ${JSON.stringify(file)} cannot be read in ${folder}. Build it first.`,
        {
          cause,
        },
      ),
    tooLarge: (size) =>
      new SpacedriveError("MODULE_INVALID", `"${id}": wasm_file "${file}" has ${size} bytes; ${maxBytes} are allowed.`),
  });
}
