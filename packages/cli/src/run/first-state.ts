import type { Manifest } from "@spacedrive/runtime";

type Schema = Readonly<Record<string, unknown>>;

/** The JSON Schema of a job's state, as its manifest has it; null where it has none. */
export function stateSchemaOf(manifest: Manifest, job: string): Schema | null {
  return manifest.jobs.find((candidate) => candidate.name === job)?.state ?? null;
}

/**
 * The state a job starts with: what was given, with the location that was added last where the state has a `location_id`
 * and was given none. An object that was not given is empty, so that its fields get their defaults; undefined: none at all.
 */
export function firstState(given: unknown, schema: Schema | null, location: string | null): unknown {
  const { type, properties } = schema === null ? {} : resolved(schema);
  const state = given === undefined && type === "object" ? {} : given;
  const wantsLocation = isObject(properties) && Object.hasOwn(properties, "location_id");
  if (location === null || !wantsLocation || !isObject(state) || Object.hasOwn(state, "location_id")) return state;
  return { ...state, location_id: location };
}

/** The names of a state's fields, as the schema has them. */
export function stateFields(schema: Schema | null): readonly string[] {
  const { properties } = schema === null ? {} : resolved(schema);
  return isObject(properties) ? Object.keys(properties) : [];
}

/** True where the state needs a `location_id` and has none. */
export function lacksLocation(state: unknown, schema: Schema | null): boolean {
  const { required } = schema === null ? {} : resolved(schema);
  const needed = Array.isArray(required) && required.includes("location_id");
  return needed && isObject(state) && !Object.hasOwn(state, "location_id");
}

/** A schema that only points at one of its own definitions stands for that. */
function resolved(schema: Schema): Schema {
  const { $ref, $defs } = schema;
  if (typeof $ref !== "string" || !$ref.startsWith("#/$defs/") || !isObject($defs)) return schema;
  const target = $defs[$ref.slice("#/$defs/".length)];
  return isObject(target) ? target : schema;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
