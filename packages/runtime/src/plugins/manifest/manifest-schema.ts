import { isExtensionId, isOperationName } from "@spacedrive/wire";
import { z } from "zod";
import { METHOD_GRANT, METHOD_GRANT_RULE, MAX_METHOD_GRANT_LENGTH } from "./method-grant-pattern.js";
import { schemaProblem } from "./operation-schema.js";

// Names end up on terminals and in log lines.
const PRINTABLE = /^\P{Cc}*$/u;
// What stands between words of the host's own may not turn them around either, or have letters that nobody sees.
const VISIBLE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
// Wire's rules, as editors read them; a test holds them together.
const EXTENSION_ID = "^(?!(?:query|action|host)$)[a-z0-9][a-z0-9_-]{0,63}$";
const OPERATION_NAME = "^(?!(?:.*\\.)?(?:input|v[1-9][0-9]{0,5})$)[a-z][a-z0-9_]*(?:\\.[a-z][a-z0-9_]*)*$";
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const WASM_FILE = /^(?!\/)(?![A-Za-z]:)(?!(?:.*\/)?\.\.(?:\/|$))[^\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

const line = (maxLength: number) => z.string().max(maxLength).regex(PRINTABLE, "control characters are not allowed");
const word = (maxLength: number) =>
  z.string().max(maxLength).regex(VISIBLE, "letters that nobody sees and control characters are not allowed");

/** An optional field that may also be written as null, as Spacedrive's own tools write it; either way it is absent. */
const absent = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();

const limit = (what: string) => z.int().min(1).describe(what);

const exportName = word(256).min(1).describe("Name of the function that the wasm exports.");

/** A JSON Schema, draft 2020-12, that z.fromJSONSchema can read and that cannot stall the host. */
const jsonSchema = z.looseObject({}).superRefine((schema, context) => {
  const problem = schemaProblem(schema);
  if (problem !== null) context.addIssue({ code: "custom", message: problem, input: schema });
});

const rateLimits = z.strictObject({
  requests_per_minute: limit("Calls to operations in a minute.").default(1000),
  concurrent_jobs: limit("Jobs of this extension that run at the same time.").default(10),
});

const permissions = z.strictObject({
  methods: z
    .array(z.string().max(MAX_METHOD_GRANT_LENGTH).regex(METHOD_GRANT, `not a method grant: ${METHOD_GRANT_RULE}`))
    .max(1000)
    .default([])
    .describe(
      'What the extension asks to call: "vdfs.", "ai.ocr", "query:", "finance:summary". See docs/permissions.md.',
    ),
  libraries: z
    .array(z.union([z.literal("*"), z.string().regex(UUID)], 'expected "*" or the UUID of a library'))
    .max(1000)
    .default(["*"])
    .describe('Libraries that it asks to touch: "*" for all, or their UUIDs.'),
  rate_limits: rateLimits.prefault({}),
  network_access: z.array(word(256)).max(1000).default([]).describe("Hosts that it asks to reach."),
  max_memory_mb: absent(limit("Memory of one instance; the host's own maximum caps it.")),
});

const job = z.strictObject({
  name: z
    .string()
    .regex(JOB_NAME, "expected letters, digits, _, . and -, at most 128, starting with a letter or digit"),
  export: exportName,
  resumable: z
    .boolean()
    .optional()
    .describe("False: a crash ends the job in failed, and pause is refused. Default true."),
  state: jsonSchema.optional().describe("JSON Schema of the job's state, which its parameters are the first of."),
  result: jsonSchema.optional().describe("JSON Schema of what the job answers."),
});

const operation = z.strictObject({
  kind: z.enum(["query", "action"]),
  name: z
    .string()
    .max(128)
    .refine(isOperationName, "expected dotted segments of lower-case letters, digits and _, without a version")
    .meta({ pattern: OPERATION_NAME }),
  version: z.int().min(1).max(999_999).default(1),
  scope: z.enum(["library", "host"]).default("library"),
  export: exportName,
  input: jsonSchema,
  output: jsonSchema,
  description: line(1000).optional(),
});

/** The manifest of an extension, as `manifest.json` has it. An unknown key is an error. */
export const manifestSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors."),
  id: z
    .string()
    .refine(
      isExtensionId,
      'expected lower-case letters, digits, - and _, at most 64, and not "query", "action" or "host"',
    )
    .meta({ pattern: EXTENSION_ID, description: "Name of the extension; of its folder, too." }),
  name: line(256).min(1).describe("Name for people."),
  version: word(64).min(1).describe("The extension's own version."),
  description: line(4096).default(""),
  author: line(256).default(""),
  homepage: absent(line(2048)),
  wasm_file: z
    .string()
    .max(1024)
    .regex(WASM_FILE, 'expected a relative path inside the extension\'s folder, with "/" and without ".."')
    .describe("Path of the WebAssembly module, relative to the manifest."),
  permissions: permissions.prefault({}),
  config_schema: absent(z.looseObject({})).describe("JSON Schema of the extension's configuration."),
  abi: z.int().min(1).default(1).describe("ABI version that the module speaks."),
  engine: z
    .enum(["wasm", "wasi"])
    .default("wasm")
    .describe('What runs the module: "wasm" is a module of the ABI, "wasi" a WASI preview1 command.'),
  jobs: z
    .array(job)
    .max(1000)
    .default([])
    .superRefine((jobs, context) => {
      refuseRepeated(jobs, (one) => one.name, "job", context);
    }),
  operations: z
    .array(operation)
    .max(1000)
    .default([])
    .superRefine((operations, context) => {
      refuseRepeated(operations, (one) => `${one.kind}:${one.name}.v${one.version}`, "operation", context);
    }),
});

/** A checked manifest, with the defaults filled in. */
export type Manifest = z.output<typeof manifestSchema>;
export type ManifestJob = Manifest["jobs"][number];
export type ManifestOperation = Manifest["operations"][number];
export type ManifestPermissions = Manifest["permissions"];

function refuseRepeated<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  what: string,
  context: z.RefinementCtx,
): void {
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const key = keyOf(item);
    if (seen.has(key)) {
      context.addIssue({
        code: "custom",
        message: `the ${what} "${key}" is declared twice`,
        path: [index],
        input: item,
      });
    }
    seen.add(key);
  }
}
