import { SpacedriveError, printableLine } from "@spacedrive/wire";
import { z } from "zod";
import { isNode, nodesWithin, schemaCostProblem, type SchemaNode } from "./schema-cost.js";
import { refTarget, SchemaSteps } from "./schema-steps.js";

/** Keywords whose work grows without bound on inputs that an extension chooses: they would run on the host's own loop. */
const STALLING_KEYWORDS: ReadonlySet<string> = new Set(["pattern", "patternProperties"]);
/** What stands under these is a value and no schema. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(["enum", "const", "default", "examples"]);
const MAX_SCHEMA_NODES = 10_000;
const MAX_SCHEMA_DEPTH = 100;
/** Which of them lead to which is looked at for each: a chain of thousands would take seconds. */
const MAX_SCHEMA_REFERENCES = 200;
/** What schemas that were found to be right are checked with: a manifest's are asked for again when it is loaded. */
const conversions = new WeakMap<object, z.ZodType>();
/**
 * Steps that one value's check may take: some 100,000 values against a plain schema. Measured at worst half a second of the
 * host's loop, and 50 ms for values that fit.
 */
export const MAX_CHECK_STEPS = 400_000;
/** Issues of one value that are handed on: a reader is shown three. */
const MAX_ISSUES = 100;
const MAX_SHOWN_CHARACTERS = 200;
const MAX_LINE_CHARACTERS = 300;
const MAX_MESSAGE_CHARACTERS = 400;
/** Values of an enum, or keys, that one issue names. */
const MAX_SHOWN_VALUES = 10;

/** What is wrong with a JSON Schema of a manifest, or null. It quotes the schema, so it is made safe to print. */
export function schemaProblem(schema: unknown): string | null {
  const problem = quotingProblem(schema);
  return problem === null ? null : printableLine(problem, MAX_MESSAGE_CHARACTERS);
}

function quotingProblem(schema: unknown): string | null {
  const stalling = findStallingKeyword(schema);
  if (stalling !== null) return stalling;
  const cost = schemaCostProblem(schema) ?? namesProblem(schema);
  if (cost !== null) return cost;
  try {
    const converted = convert(schema);
    if (typeof schema === "object" && schema !== null) conversions.set(schema, converted);
    return null;
  } catch (cause) {
    return `not a JSON Schema that this host can check: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

/**
 * The zod schema that checks what a JSON Schema of a manifest says, and hands on the value as it came: a schema converted
 * by zod would drop keys called `__proto__`, put the rest into another order, and fill in defaults, which are the guest's.
 *
 * @throws SpacedriveError `MANIFEST_INVALID`; never for what {@link schemaProblem} passed.
 */
export function zodSchemaOf(schema: Readonly<Record<string, unknown>>): z.ZodType {
  const problem = conversions.has(schema) ? null : schemaProblem(schema);
  if (problem !== null) throw new SpacedriveError("MANIFEST_INVALID", problem);
  const converted = conversions.get(schema) ?? convert(schema);
  const steps = new SchemaSteps(schema);
  // `id` is a name in zod's registry, which two schemas may not share.
  const { id: _id, ...shown } = schema;
  return z
    .unknown()
    .superRefine((value, context) => {
      for (const { path, message } of issuesOf(converted, steps, value)) {
        context.addIssue({ code: "custom", path: [...path], message, input: value });
      }
    })
    .meta(shown);
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function issuesOf(schema: z.ZodType, steps: SchemaSteps, value: unknown): readonly Issue[] {
  const problem = steps.problemWith(value, MAX_CHECK_STEPS);
  if (problem !== null) return [{ path: [], message: problem }];
  try {
    const issues = schema.safeParse(value, { error: shortText }).error?.issues.slice(0, MAX_ISSUES) ?? [];
    return issues.map(({ path, message }) => ({ path, message: printableLine(message, MAX_MESSAGE_CHARACTERS) }));
  } catch (thrown) {
    if (thrown instanceof RangeError) return [{ path: [], message: "it is nested too deeply to be checked" }];
    throw thrown;
  }
}

/** Texts of what was expected, by the list of it: many values of one check may fail to fit the same enum. */
const expectedTexts = new WeakMap<readonly unknown[], string>();

/**
 * zod's own texts list every value of an enum and every key, whole, and it writes one for each misfit before anybody can take
 * the first hundred: a manifest and an input that are both small would fill the host's memory.
 */
function shortText(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "unrecognized_keys") {
    return `Unrecognized key${issue.keys.length > 1 ? "s" : ""}: ${listed(issue.keys, ", ")}`;
  }
  if (issue.code !== "invalid_value") return undefined;
  let text = expectedTexts.get(issue.values);
  if (text === undefined) {
    const what = issue.values.length === 1 ? "Invalid input: expected" : "Invalid option: expected one of";
    text = `${what} ${listed(issue.values, "|")}`;
    expectedTexts.set(issue.values, text);
  }
  return text;
}

function listed(values: readonly unknown[], separator: string): string {
  const texts = values.slice(0, MAX_SHOWN_VALUES).map((value) => {
    const text = printableLine(String(value), MAX_SHOWN_CHARACTERS);
    return typeof value === "string" ? `"${text}"` : text;
  });
  const more = values.length - texts.length;
  return printableLine(texts.join(separator), MAX_LINE_CHARACTERS) + (more > 0 ? ` and ${more} more` : "");
}

/**
 * Names that zod reads past an object's own keys: a field "constructor" that is not there would be a function, and one called
 * "__proto__" is never checked. As keys of values they are ordinary, where no schema declares them.
 */
function namesProblem(root: unknown): string | null {
  const schema = isNode(root) ? root : {};
  const named = ["$defs", "definitions"].flatMap((keyword) => nodesIn(schema[keyword]));
  for (const node of [schema, ...named].flatMap((one) => [...nodesWithin(one)])) {
    const { properties, $ref } = node;
    for (const name of isNode(properties) ? Object.keys(properties) : []) {
      if (name in Object.prototype)
        return `a property may not be declared by the name "${name}", which every object has`;
    }
    if (typeof $ref === "string" && $ref.startsWith("#") && refTarget(schema, $ref) === null) {
      return `"${$ref}" names nothing in the schema`;
    }
  }
  return null;
}

function nodesIn(value: unknown): readonly SchemaNode[] {
  return isNode(value) ? Object.values(value).filter(isNode) : [];
}

function convert(schema: unknown): z.ZodType {
  // Proof: fromJSONSchema checks the shape itself, and throws where it is another.
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
}

/** Whether all schemas of a manifest together, which nobody has checked yet, have more parts than `most`. */
export function haveMoreParts(schemas: readonly unknown[], most: number): boolean {
  const waiting = [...schemas];
  let parts = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) parts += value.length;
    if (typeof value !== "object" || value === null) continue;
    if (++parts > most) return true;
    for (const child of Object.values(value)) waiting.push(child);
  }
  return false;
}

function findStallingKeyword(root: unknown): string | null {
  const waiting: { readonly value: unknown; readonly isNameMap: boolean; readonly depth: number }[] = [
    { value: root, isNameMap: false, depth: 1 },
  ];
  const references = new Set<string>();
  let nodes = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, isNameMap, depth } = next;
    if (typeof value !== "object" || value === null) continue;
    if (++nodes > MAX_SCHEMA_NODES) return `has more than ${MAX_SCHEMA_NODES} parts`;
    if (depth > MAX_SCHEMA_DEPTH) return `is nested more than ${MAX_SCHEMA_DEPTH} levels deep`;
    // A list or a map of schemas is no level of its own.
    const below = isNameMap || Array.isArray(value) ? depth : depth + 1;
    for (const [key, child] of Object.entries(value)) {
      // Under `properties` and `$defs` a key is somebody's field name, and "pattern" is a fine one.
      if (!isNameMap && !Array.isArray(value) && STALLING_KEYWORDS.has(key)) {
        return `"${key}" is not allowed: a regular expression of an extension could stall the host`;
      }
      if (
        !isNameMap &&
        key === "$ref" &&
        typeof child === "string" &&
        references.add(child).size > MAX_SCHEMA_REFERENCES
      ) {
        return `refers to more than ${MAX_SCHEMA_REFERENCES} different schemas`;
      }
      if (!isNameMap && DATA_KEYWORDS.has(key)) continue;
      if (!isNameMap && key === "type" && Array.isArray(child) && new Set(child).size < child.length) {
        return `"type" names a type twice`;
      }
      waiting.push({
        value: child,
        depth: below,
        isNameMap: !isNameMap && (key === "properties" || key === "$defs" || key === "definitions"),
      });
    }
  }
  return null;
}
