import type { GrantableOperation } from "../src/permissions/method-grant.js";

/** A grant as docs/permissions.md defines it. */
interface ModelGrant {
  readonly kind: "query" | "action" | null;
  readonly owner: string | null;
  readonly path: readonly string[];
  readonly version: number | null;
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGIT = "0123456789";

/**
 * The grammar and the rules of docs/permissions.md, word for word and without a regular expression: slow, and written by
 * nobody who looked at the real one. Null: not a grant.
 */
export function modelGrant(text: string): ModelGrant | null {
  if (text === "" || text === "*" || text.length > 256) return null;
  const parts = text.split(":");
  const last = parts.pop() ?? "";
  const [first, second, ...more] = parts;
  if (more.length > 0) return null;

  let kind: ModelGrant["kind"] = null;
  let owner: string | null = null;
  if (first !== undefined) {
    if (first === "query" || first === "action") {
      kind = first;
      owner = second ?? null;
    } else {
      if (second !== undefined) return null;
      owner = first;
    }
  }
  if (owner !== null && !isOwner(owner)) return null;
  if (last === "" || last === "*") return { kind, owner, path: [], version: null };

  const isFamily = last.endsWith(".") || last.endsWith(".*");
  const path = (isFamily ? last.slice(0, last.lastIndexOf(".")) : last).split(".");
  if (!path.every(isSegment)) return null;
  if (isFamily) return { kind, owner, path, version: null };

  // Rule 1.
  let version: number | null = null;
  if (path.length > 1) {
    version = versionOf(path.at(-1) ?? "");
    if (version !== null) path.pop();
  }
  if (path.length > 1 && path.at(-1) === "input") {
    if (kind === "query") return null;
    kind = "action";
    path.pop();
  }
  return { kind, owner, path, version };
}

/** Rule 3. */
export function modelMatches(grant: ModelGrant, operation: GrantableOperation): boolean {
  const name = operation.name.split(".");
  const begins = grant.path.length <= name.length && grant.path.every((segment, index) => segment === name[index]);
  const sameKind = grant.kind === null || grant.kind === operation.kind;
  const sameOwner = grant.owner === operation.extension;
  const sameVersion =
    grant.version === null || (grant.version === operation.version && name.length === grant.path.length);
  return sameKind && sameOwner && begins && sameVersion;
}

function isOwner(text: string): boolean {
  if (text === "query" || text === "action" || text === "host" || text.length > 64) return false;
  return startsIn(text, LOWER + DIGIT) && all(text, `${LOWER + DIGIT}_-`);
}

function isSegment(text: string): boolean {
  return startsIn(text, LOWER) && all(text, `${LOWER + DIGIT}_`);
}

function versionOf(segment: string): number | null {
  const digits = segment.slice(1);
  const isVersion =
    segment.startsWith("v") && startsIn(digits, "123456789") && all(digits, DIGIT) && digits.length <= 6;
  return isVersion ? Number(digits) : null;
}

function startsIn(text: string, alphabet: string): boolean {
  return text !== "" && alphabet.includes(text.charAt(0));
}

function all(text: string, alphabet: string): boolean {
  return Array.from(text).every((character) => alphabet.includes(character));
}
