import { createHash, createHmac } from "node:crypto";
import { type JobId, type RecordableCall, SpacedriveError } from "@spacedrive/wire";
import { placeKey, type RecordPlace } from "../call-record.js";

/** What makes two calls equal, as two texts of which a record keeps one. */
export interface Fingerprint {
  /** For records. With a key nobody can find out by guessing what a call's payload was. */
  readonly text: string;
  /** True for the fingerprint of an equal call, made with the same key or with none. */
  matches(recorded: string): boolean;
}

const PLAIN = "sha256:";
const KEYED = "hmac-sha256:";

/**
 * @param key null: the host gave none.
 * @throws SpacedriveError `INVALID_INPUT` where the payload has no JSON.
 */
export function fingerprintOf(call: RecordableCall, key: Uint8Array | null): Fingerprint {
  const text = `${call.method}\n${call.library ?? ""}\n${canonicalJson(call)}`;
  let hash: string | null = null;
  const plain = (): string => (hash ??= `${PLAIN}${createHash("sha256").update(text).digest("base64url")}`);
  const keyed = key === null ? null : `${KEYED}${createHmac("sha256", key).update(text).digest("base64url")}`;
  return {
    text: keyed ?? plain(),
    matches: (recorded) => recorded === (recorded.startsWith(PLAIN) ? plain() : keyed),
  };
}

/** The same for each repetition of a job's call, and for no other call. */
export function idempotencyKeyOf(job: JobId, place: RecordPlace, fingerprint: Fingerprint): string {
  return createHash("sha256")
    .update(`${job}\n${placeKey(place)}\n${fingerprint.text}`)
    .digest("base64url");
}

/** JSON in which the order of an object's keys says nothing. */
function canonicalJson({ payload, method }: RecordableCall): string {
  if (payload === undefined) return "";
  try {
    return JSON.stringify(payload, (_key, value: unknown) => (isObject(value) ? withSortedKeys(value) : value)) ?? "";
  } catch (cause) {
    throw new SpacedriveError("INVALID_INPUT", `The payload of "${method}" cannot be written as JSON.`, { cause });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withSortedKeys(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const keys = Object.keys(object).sort();
  // A guest may name a key "__proto__": on an object without prototype that is a key like any other.
  const sorted: Record<string, unknown> = Object.create(null);
  for (const key of keys) sorted[key] = object[key];
  return sorted;
}
