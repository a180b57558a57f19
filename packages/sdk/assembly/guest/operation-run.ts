import { ExtensionContext } from "../extension-context";
import { codes, Failure } from "../failure";
import { writeJson } from "../json/codec";
import { parseAt } from "../json/value";
import { JsonWriter } from "../json/writer";
import { Result } from "../result";
import { writeFailure } from "../wire";
import { readParameters } from "./call-parameters";

/** One call of an operation of this extension. */
@final
export class OperationRun<I> {
  constructor(readonly context: ExtensionContext, readonly input: I) {}

  /** The reply, as the block that the operation's export returns. */
  reply<O>(result: Result<O>): usize {
    const failure = result.failure;
    if (failure !== null) return failureBlock(failure);
    const writer = JsonWriter.open();
    if (isVoid<O>()) writer.writeNull();
    else writeJson<O>(writer, result.value);
    return outputBlock(writer);
  }
}

/** The block of the failure for which the last `startOperation` gave null. */
let refusal: usize = 0;

export function refused(): usize {
  return refusal;
}

/** Reads what the host hands to an operation's export. Null where that cannot be read: then `refused` has the reply. */
export function startOperation<I>(context: usize, contextLength: i32, input: usize, inputLength: i32): OperationRun<I> | null {
  const read = parseAt<I>(input, inputLength);
  if (read.failed) {
    refusal = failureBlock(read.error);
    return null;
  }
  return new OperationRun<I>(readContext(context, contextLength), read.value);
}

function readContext(pointer: usize, length: i32): ExtensionContext {
  const parameters = readParameters(pointer, length);
  // What the host itself writes is taken to be right; without it the call names no library.
  if (parameters.failed) return new ExtensionContext(null, "");
  return new ExtensionContext(parameters.value.library_id, parameters.value.caller);
}

function failureBlock(failure: Failure): usize {
  const writer = JsonWriter.open();
  writeFailure(writer, failure);
  return intoBlock(writer);
}

function outputBlock(writer: JsonWriter): usize {
  if (writer.failed) writeFailure(writer, new Failure(codes.OPERATION_FAILED, "the output cannot be written: " + writer.message()));
  return intoBlock(writer);
}

/** Block: a u32 length, then that many bytes. The host frees it with `wasm_free`. */
function intoBlock(writer: JsonWriter): usize {
  const block = heap.alloc(writer.length + 4);
  store<u32>(block, <u32>writer.length);
  memory.copy(block + 4, writer.pointer, writer.length);
  writer.close();
  return block;
}
