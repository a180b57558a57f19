import { JsonValue } from "./json/value";
import { Result } from "./result";
import { callOperation } from "./wire";

/** Random bytes from the host, fit for keys. Inside a job they are recorded, so that a resumed job sees the same ones. */
export function randomBytes(count: i32): Result<Uint8Array> {
  const input = new Map<string, i32>();
  input.set("bytes", count);
  const reply = callOperation<Map<string, i32>, JsonValue>(null, "query:host.random.v1", input);
  if (reply.failed) return reply.failureOf<Uint8Array>();
  const data = reply.value.get("data");
  if (data === null) return Result.fail<Uint8Array>("OPERATION_FAILED", "the host's randomness gave no `data`");
  return data.as<Uint8Array>();
}

/** A random number from 0 up to, but not including, 1. */
export function random(): Result<f64> {
  const bytes = randomBytes(8);
  if (bytes.failed) return bytes.failureOf<f64>();
  return Result.ok<f64>(<f64>(load<u64>(bytes.value.dataStart) >> 11) / 9007199254740992.0);
}
