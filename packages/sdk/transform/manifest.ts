import type { DeclaredExtension } from "./extension.js";
import type { Handler } from "./handlers.js";
import { schemaOf } from "./json-schema.js";

/** Of what the transform makes: docs/abi.md. */
const ABI_VERSION = 1;

/** Text of manifest.json: what `@extension` says, and what the handlers are. */
export function manifestText(extension: DeclaredExtension): string {
  const {
    permissions,
    config_schema: configSchema,
    description = "",
    author = "",
    wasm_file: wasmFile,
    ...rest
  } = extension.manifest;
  const id = String(extension.manifest["id"]);
  const manifest = {
    ...rest,
    description,
    author,
    wasm_file: wasmFile ?? `build/${id}.wasm`,
    // Proof: the rules make `permissions` an object.
    permissions: { methods: [], libraries: ["*"], ...(permissions as object | undefined) },
    ...(configSchema === undefined ? {} : { config_schema: configSchema }),
    abi: ABI_VERSION,
    jobs: extension.handlers.filter((handler) => handler.kind === "job").map(job),
    operations: extension.handlers.filter((handler) => handler.kind !== "job").map(operation),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Where the manifest says that the module is. */
export function wasmFileOf(extension: DeclaredExtension): string {
  const { id, wasm_file: wasmFile } = extension.manifest;
  return typeof wasmFile === "string" ? wasmFile : `build/${String(id)}.wasm`;
}

function job(handler: Handler): Record<string, unknown> {
  return {
    name: handler.name,
    export: handler.exportName,
    resumable: handler.resumable,
    state: schemaOf(handler.input),
    ...(handler.output === null ? {} : { result: schemaOf(handler.output) }),
  };
}

function operation(handler: Handler): Record<string, unknown> {
  return {
    kind: handler.kind,
    name: handler.name,
    version: handler.version,
    scope: handler.scope,
    export: handler.exportName,
    ...(handler.description === undefined ? {} : { description: handler.description }),
    input: schemaOf(handler.input),
    output: handler.output === null ? { type: "null" } : schemaOf(handler.output),
  };
}
