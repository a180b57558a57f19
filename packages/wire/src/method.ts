import { SpacedriveError } from "./errors.js";

export type OperationKind = "query" | "action";

/** A method string taken apart. `version` null: the caller wants the newest. */
export interface Method {
  readonly kind: OperationKind;
  /** The extension that owns the operation; null for the host's own. */
  readonly extension: string | null;
  /** Dotted name without version: `vdfs.write_sidecar`. */
  readonly name: string;
  readonly version: number | null;
}

const EXTENSION_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const SEGMENT = /^[a-z][a-z0-9_]*$/;
const METHOD = /^(query|action):(?:([^:]*):)?([^:]*)$/;
const VERSION_SEGMENT = /^v([1-9][0-9]{0,5})$/;
const VERSION_LIKE = /^v[0-9]+$/;

/** Extension ids: lower-case letters, digits, `-` and `_`, at most 64, starting with a letter or digit; not a reserved word. */
export function isExtensionId(id: string): boolean {
  return EXTENSION_ID.test(id) && !RESERVED_IDS.has(id);
}

const RESERVED_IDS: ReadonlySet<string> = new Set(["query", "action", "host"]);

/** Operation names: dotted segments of lower-case letters, digits and `_`, each starting with a letter; not ending in a segment `input` or `v<N>`. */
export function isOperationName(name: string): boolean {
  const segments = name.split(".");
  const last = segments.at(-1) ?? "";
  return name.length <= 128 && segments.every((s) => SEGMENT.test(s)) && last !== "input" && !VERSION_LIKE.test(last);
}

/**
 * Takes a method string apart: `query:test.ping.v1`, `action:vdfs.write_sidecar.input.v1`,
 * `query:<extension>:<name>.v<N>`; the version may be left out.
 *
 * @throws SpacedriveError `INVALID_INPUT` where the text has another shape.
 */
export function parseMethod(text: string): Method {
  const match = METHOD.exec(text);
  const kind = match?.[1];
  const rest = match?.[3];
  if ((kind !== "query" && kind !== "action") || rest === undefined) throw malformed(text);
  const extension = match?.[2] ?? null;
  if (extension !== null && !isExtensionId(extension)) throw malformed(text);

  const segments = rest.split(".");
  const versionMatch = VERSION_SEGMENT.exec(segments.at(-1) ?? "");
  const version = versionMatch ? Number(versionMatch[1]) : null;
  if (versionMatch) segments.pop();
  if (kind === "action" && segments.at(-1) === "input") segments.pop();
  else if (kind === "action" && version !== null) throw malformed(text);

  const name = segments.join(".");
  if (!isOperationName(name)) throw malformed(text);
  return { kind, extension, name, version };
}

/** The full method string of an operation. */
export function formatMethod(operation: {
  readonly kind: OperationKind;
  readonly extension: string | null;
  readonly name: string;
  readonly version: number;
}): string {
  const owner = operation.extension === null ? "" : `${operation.extension}:`;
  const input = operation.kind === "action" ? ".input" : "";
  return `${operation.kind}:${owner}${operation.name}${input}.v${operation.version}`;
}

/** What was asked for, version or none, in one form: however it was spelled, the same question is the same text. */
export function formatAsked(method: Method): string {
  if (method.version !== null) return formatMethod({ ...method, version: method.version });
  return `${method.kind}:${method.extension === null ? "" : `${method.extension}:`}${method.name}`;
}

function malformed(text: string): SpacedriveError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new SpacedriveError(
    "INVALID_INPUT",
    `${JSON.stringify(shown)} is not a method: "query:<name>.v<N>" or "action:<name>.input.v<N>" is expected, such as "query:test.ping.v1".`,
  );
}
