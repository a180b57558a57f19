import { type OperationKind, SpacedriveError } from "@spacedrive/wire";
import { MAX_METHOD_GRANT_LENGTH, METHOD_GRANT, METHOD_GRANT_RULE } from "../plugins/manifest/method-grant-pattern.js";

/** What a method grant allows, taken apart. */
export interface MethodGrant {
  /** As it was written. */
  readonly text: string;
  /** Null: queries and actions. */
  readonly kind: OperationKind | null;
  /** Whose operations; null: the host's. */
  readonly extension: string | null;
  /** Leading segments of the operation's name; none: every operation. */
  readonly segments: readonly string[];
  /** Set: only the operation of exactly this name, in this version. */
  readonly version: number | null;
}

/** The names of an operation, as far as grants look at them. */
export interface GrantableOperation {
  readonly kind: OperationKind;
  readonly extension: string | null;
  readonly name: string;
  readonly version: number;
}

const VERSION_SEGMENT = /^v([1-9][0-9]{0,5})$/;

/** @throws SpacedriveError `INVALID_INPUT` where the text is not a method grant, with what may have been meant. */
export function parseMethodGrant(text: string): MethodGrant {
  const match = text.length <= MAX_METHOD_GRANT_LENGTH ? METHOD_GRANT.exec(text) : null;
  if (match === null) throw notAGrant(text);
  const path = match[3] ?? "";
  const written = match[1] === "query" || match[1] === "action" ? match[1] : null;
  const extension = match[2] ?? null;
  if (path === "" || path === "*") return { text, kind: written, extension, segments: [], version: null };

  const isFamily = path.endsWith(".") || path.endsWith(".*");
  const segments = path.replace(/\.\*?$/, "").split(".");
  if (isFamily) return { text, kind: written, extension, segments, version: null };

  let version: number | null = null;
  const versionMatch = VERSION_SEGMENT.exec(segments.at(-1) ?? "");
  if (versionMatch !== null && segments.length > 1) {
    version = Number(versionMatch[1]);
    segments.pop();
  }
  // `.input` at the end is how a method string says "action".
  const isAction = segments.at(-1) === "input" && segments.length > 1;
  if (isAction) segments.pop();
  return { text, kind: isAction ? "action" : written, extension, segments, version };
}

/** True where the grant allows the operation: the same kind and owner, and a name that starts with the grant's segments. */
export function matchesMethod(grant: MethodGrant, operation: GrantableOperation): boolean {
  if (grant.kind !== null && grant.kind !== operation.kind) return false;
  if (grant.extension !== operation.extension) return false;
  const segments = operation.name.split(".");
  if (grant.version !== null && (grant.version !== operation.version || grant.segments.length !== segments.length))
    return false;
  return grant.segments.every((segment, index) => segments[index] === segment);
}

/** The narrowest grant without a version that allows an operation: what a denial tells the reader to add. */
export function narrowestGrant(operation: GrantableOperation): string {
  return operation.extension === null ? operation.name : `${operation.extension}:${operation.name}`;
}

function notAGrant(text: string): SpacedriveError {
  return new SpacedriveError(
    "INVALID_INPUT",
    `${JSON.stringify(text.slice(0, MAX_METHOD_GRANT_LENGTH))} is not a method grant: ${METHOD_GRANT_RULE}`,
  );
}
