import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  DEFAULT_GUEST_LIMITS,
  describeModule,
  type GuestDescription,
  type Manifest,
  readManifest,
  readWasmFile,
} from "@spacedrive/runtime";
import { formatMethod, SpacedriveError } from "@spacedrive/wire";
import { openExtensionFolder } from "../extension/extension-folder.js";

/** A module, with what its manifest says of it; null for a wasm file by itself. */
export interface Inspection {
  readonly file: string;
  readonly module: GuestDescription;
  readonly manifest: Manifest | null;
}

/** @throws SpacedriveError `EXTENSION_NOT_FOUND`, `MANIFEST_INVALID`, `MODULE_INVALID`. */
export async function inspect(named: string): Promise<Inspection> {
  const stat = statSync(named, { throwIfNoEntry: false });
  if (stat === undefined) throw new SpacedriveError("EXTENSION_NOT_FOUND", `There is no file or folder "${named}".`);
  if (!stat.isDirectory()) return { file: named, module: describeModule(readFileSync(named), named), manifest: null };

  const folder = openExtensionFolder(named);
  const manifest = await readManifest(folder.path);
  const bytes = await readWasmFile(folder.path, manifest, DEFAULT_GUEST_LIMITS.maxModuleBytes);
  return { file: join(named, manifest.wasm_file), module: describeModule(bytes, manifest.id), manifest };
}

/** What `--json` prints. */
export function inspectionToJson({ file, module, manifest }: Inspection): Readonly<Record<string, unknown>> {
  return {
    id: manifest?.id ?? null,
    name: manifest?.name ?? null,
    version: manifest?.version ?? null,
    engine: manifest?.engine ?? null,
    abi: manifest?.abi ?? null,
    file,
    size: module.bytes,
    memory: { min_pages: module.memory.minPages, max_pages: module.memory.maxPages },
    imports: module.imports,
    exports: module.exports,
    jobs: (manifest?.jobs ?? []).map(({ name, export: exportName, resumable, state, result }) => ({
      name,
      export: exportName,
      resumable: resumable ?? true,
      state: state ?? null,
      result: result ?? null,
    })),
    operations: (manifest?.operations ?? []).map(({ scope, export: exportName, input, output, ...operation }) => ({
      method: methodOf(manifest, operation),
      kind: operation.kind,
      name: operation.name,
      version: operation.version,
      scope,
      export: exportName,
      input,
      output,
    })),
    grants: manifest === null ? null : manifest.permissions,
  };
}

export function methodOf(
  manifest: Manifest | null,
  operation: Pick<Manifest["operations"][number], "kind" | "name" | "version">,
): string {
  return formatMethod({ ...operation, extension: manifest?.id ?? null });
}
