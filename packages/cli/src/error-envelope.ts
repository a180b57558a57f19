import { isSpacedriveError, toEnvelope } from "@spacedrive/wire";

/** The envelope of an error as one line of JSON. The user of this machine is told of an internal fault what it was. */
export function envelopeText(thrown: unknown): string {
  if (isSpacedriveError(thrown)) return JSON.stringify(toEnvelope(thrown));
  const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return JSON.stringify({ error, code: "INTERNAL", retryable: false });
}
