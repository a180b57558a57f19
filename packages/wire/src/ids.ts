import { randomUUID } from "node:crypto";
import { SpacedriveError } from "./errors.js";

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A library's UUID, lower case. Made by {@link parseLibraryId} or {@link createLibraryId} and nowhere else. */
export type LibraryId = Branded<"LibraryId">;
/** A job's UUID, lower case. Made by {@link parseJobId} or {@link createJobId} and nowhere else. */
export type JobId = Branded<"JobId">;
/** An entry's UUID, lower case. Made by {@link parseEntryId} or {@link createEntryId} and nowhere else. */
export type EntryId = Branded<"EntryId">;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function parseUuid(text: unknown, what: string): string {
  if (typeof text !== "string" || !UUID.test(text)) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      `${JSON.stringify(text) ?? String(text)} is not ${what}: a UUID is expected.`,
    );
  }
  return text.toLowerCase();
}

/** @throws SpacedriveError `INVALID_INPUT` where the text is not a UUID. */
export function parseLibraryId(text: unknown): LibraryId {
  // Proof: parseUuid throws unless it is a UUID.
  return parseUuid(text, "a library id") as LibraryId;
}

/** @throws SpacedriveError `INVALID_INPUT` where the text is not a UUID. */
export function parseJobId(text: unknown): JobId {
  // Proof: parseUuid throws unless it is a UUID.
  return parseUuid(text, "a job id") as JobId;
}

/** @throws SpacedriveError `INVALID_INPUT` where the text is not a UUID. */
export function parseEntryId(text: unknown): EntryId {
  // Proof: parseUuid throws unless it is a UUID.
  return parseUuid(text, "an entry id") as EntryId;
}

export function createLibraryId(): LibraryId {
  return parseLibraryId(randomUUID());
}

export function createJobId(): JobId {
  return parseJobId(randomUUID());
}

export function createEntryId(): EntryId {
  return parseEntryId(randomUUID());
}

/** The 16 bytes of a UUID, as the ABI passes it. */
export function uuidToBytes(id: LibraryId | JobId | EntryId): Uint8Array {
  return Uint8Array.from(Buffer.from(id.replaceAll("-", ""), "hex"));
}

/** The text of 16 bytes of UUID, lower case. Any 16 bytes are accepted. */
export function uuidFromBytes(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, 16).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
