import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SpacedriveError } from "@spacedrive/wire";

/** Bytes of a host's key for records. */
export const RECORD_KEY_BYTES = 32;

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** AES-256-GCM: nonce, tag, ciphertext. `bound` must be the same to open it: a sealed text cannot be moved elsewhere. */
export function seal(text: string, key: Uint8Array, bound: string): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Null where it was sealed with another key, or for another place, or was changed. */
export function unseal(bytes: Uint8Array, key: Uint8Array, bound: string): string | null {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    return null;
  }
}

/** @throws SpacedriveError `INVALID_INPUT`. */
export function checkRecordKey(key: Uint8Array | null): void {
  if (key === null || key.byteLength === RECORD_KEY_BYTES) return;
  throw new SpacedriveError(
    "INVALID_INPUT",
    `The key for records must have ${RECORD_KEY_BYTES} bytes, and has ${key.byteLength}.`,
  );
}
