import { SpacedriveError } from "@spacedrive/wire";

/** Bytes of a job's parameters, state or result, as JSON. Guests have a lower limit, that of what crosses to the host. */
export const MAX_STATE_BYTES = 64 * 1_048_576;

/**
 * @param what such as `The state of job "core.index"`.
 * @throws SpacedriveError `PAYLOAD_TOO_LARGE`.
 */
export function checkStateSize(json: string, what: string): void {
  // A UTF-16 unit is at most three bytes.
  if (json.length * 3 <= MAX_STATE_BYTES) return;
  const bytes = Buffer.byteLength(json);
  if (bytes <= MAX_STATE_BYTES) return;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `${what} has ${bytes} bytes, and may have ${MAX_STATE_BYTES}. Store what is large, and keep in it where that is.`,
  );
}
