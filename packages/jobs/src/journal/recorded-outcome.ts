import { type CallOutcome, isErrorCode, parseJson, SpacedriveError, toJson } from "@spacedrive/wire";
import { z } from "zod";

/** As they were: a guest may have named a key "__proto__", which z.record would drop. */
const details = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

const recorded = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), output: z.unknown() }),
  z.object({
    ok: z.literal(false),
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    details,
  }),
]);

/** @throws SpacedriveError `OPERATION_FAILED` where the output has no JSON. */
export function outcomeToJson(outcome: CallOutcome, method: string): string {
  if (outcome.ok) return toJson({ ok: true, output: outcome.output }, `the output of "${method}"`);
  const { code, message, retryable, details } = outcome.error;
  const failure = { ok: false, code, message, retryable };
  try {
    return toJson({ ...failure, details }, "");
  } catch {
    // Details that cannot be written could not have been read by the caller.
    return toJson({ ...failure, details: {} }, "");
  }
}

/** @throws SpacedriveError `STORE_CORRUPT`. */
export function outcomeFromJson(text: string, method: string): CallOutcome {
  const what = `the recorded outcome of "${method}"`;
  const parsed = recorded.safeParse(parseJson(text, what, "STORE_CORRUPT"));
  if (!parsed.success) {
    throw new SpacedriveError("STORE_CORRUPT", `${what} is not one. Restore the database from a backup.`, {
      cause: parsed.error,
    });
  }
  if (parsed.data.ok) return { ok: true, output: parsed.data.output };
  const { code, message, retryable, details } = parsed.data;
  return {
    ok: false,
    error: new SpacedriveError(isErrorCode(code) ? code : "OPERATION_FAILED", message, { retryable, details }),
  };
}
