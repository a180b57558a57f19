import {
  type Caller,
  defineAction,
  defineQuery,
  fromEnvelope,
  hasMoreJsonValues,
  isEnvelope,
  isSpacedriveError,
  type Operation,
  type OperationContext,
  parseJson,
  SpacedriveError,
  toJson,
  printableText,
} from "@spacedrive/wire";
import type { ManifestOperation } from "./manifest/manifest-schema.js";
import { zodSchemaOf } from "./manifest/operation-schema.js";

/** Has the guest answer: context and input as JSON text, and so is the answer. */
export type HandleOperation = (
  declared: ManifestOperation,
  ctx: OperationContext,
  context: string,
  input: string,
) => Promise<string>;

const MAX_ERROR_TEXT = 8_192;

/**
 * An operation of an extension, as its manifest declares it, ready for Wire.
 *
 * @throws SpacedriveError `REGISTRATION_REFUSED` where Wire refuses the declaration.
 */
export function extensionOperation(
  extension: string,
  declared: ManifestOperation,
  timeoutMs: number,
  maxAnswerValues: number,
  handle: HandleOperation,
): Operation {
  const { kind, name, version, scope, description = "" } = declared;
  const what = `${extension}:${name}`;
  const options = {
    name,
    version,
    scope,
    extension,
    timeoutMs,
    description,
    input: zodSchemaOf(declared.input),
    output: zodSchemaOf(declared.output),
    run: async (ctx: OperationContext, input: unknown): Promise<unknown> => {
      const context = JSON.stringify({ library_id: ctx.library, caller: callerText(ctx.caller) });
      const answer = await handle(declared, ctx, context, toJson(input, `the input of "${what}"`));
      return answerOf(answer, extension, what, maxAnswerValues);
    },
  };
  try {
    return kind === "query" ? defineQuery(options) : defineAction(options);
  } catch (cause) {
    const reason = isSpacedriveError(cause) ? cause.message : String(cause);
    throw new SpacedriveError("REGISTRATION_REFUSED", `"${extension}": ${reason}`, { cause });
  }
}

/** What a guest answered: a value, or the error that its envelope carries. */
function answerOf(text: string, extension: string, what: string, maxValues: number): unknown {
  if (hasMoreJsonValues(text, maxValues)) {
    throw new SpacedriveError(
      "REPLY_TOO_LARGE",
      `The answer of "${what}" has more than the ${maxValues} JSON values that are allowed. Answer less, or in parts.`,
    );
  }
  let answer: unknown;
  try {
    answer = parseJson(text, `The answer of "${what}"`, "GUEST_ABI_VIOLATION");
  } catch (cause) {
    const reason = cause instanceof Error ? printableText(cause.message, MAX_ERROR_TEXT) : "";
    throw new SpacedriveError("GUEST_ABI_VIOLATION", `"${extension}" broke the ABI. ${reason}`, { cause });
  }
  if (!isEnvelope(answer)) return answer;
  const error = fromEnvelope(answer);
  throw new SpacedriveError(error.code, printableText(error.message, MAX_ERROR_TEXT), {
    retryable: error.retryable,
    details: error.details,
  });
}

/** The `caller` of a guest's context: `user`, `remote:<client>`, `extension:<id>`, `job:<type>`. */
function callerText(caller: Caller): string {
  switch (caller.kind) {
    case "user":
      return "user";
    case "remote":
      return `remote:${caller.client}`;
    case "extension":
      return `extension:${caller.extension}`;
    case "job":
      return `job:${caller.job.type}`;
    default:
      return caller satisfies never;
  }
}
