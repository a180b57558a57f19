import { createHmac, hash } from "node:crypto";
import { type JobId, type RecordableCall, SpacedriveError } from "@spacedrive/wire";
import { type CallRecord, placeKey, type RecordPlace } from "../call-record.js";

/** What makes two calls equal. */
export interface Fingerprint {
  /**
   * What a record keeps of it. Of a secret call, with the host's key, so that nobody can find out by guessing what its
   * payload was.
   */
  textFor(secret: boolean): string;
  /** True where the record is that of an equal call. */
  matches(record: Pick<CallRecord, "call" | "method">): boolean;
}

const PLAIN = "sha256:";
const KEYED = "hmac-sha256:";

/**
 * @param key null: the host gave none.
 * @throws SpacedriveError `INVALID_INPUT` where the payload has no JSON.
 */
export function fingerprintOf(call: RecordableCall, key: Uint8Array | null): Fingerprint {
  const text = `${call.method}\n${call.library ?? ""}\n${canonicalJson(call)}`;
  const plain = `${PLAIN}${hash("sha256", text, "base64url")}`;
  return {
    textFor: (secret) => (secret && key !== null ? keyed(text, key) : plain),
    matches(record) {
      if (record.call.startsWith(PLAIN)) return record.call === plain;
      if (key !== null && record.call.startsWith(prefixOf(key))) return record.call === keyed(text, key);
      // Under a key that the host no longer has nobody can tell; to take it for another call would do it twice.
      return record.method === call.method;
    },
  };
}

function keyed(text: string, key: Uint8Array): string {
  return `${prefixOf(key)}${hmac(key, text)}`;
}

/** Tells keys apart without telling them. */
function prefixOf(key: Uint8Array): string {
  return `${KEYED}${hmac(key, "key").slice(0, 8)}:`;
}

function hmac(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}

/** The same for each repetition of a job's call, and for no other call. */
export function idempotencyKeyOf(job: JobId, place: RecordPlace, fingerprint: Fingerprint): string {
  return hash("sha256", `${job}\n${placeKey(place)}\n${fingerprint.textFor(false)}`, "base64url");
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
