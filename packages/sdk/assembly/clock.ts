import { JsonValue } from "./json/value";
import { Result } from "./result";
import { callOperation } from "./wire";

/**
 * The host's clock in milliseconds since 1970, UTC. A guest has no clock of its own: inside a job the host records the
 * answer, so that a resumed job sees the same time.
 */
export function now(): Result<i64> {
  const reply = callOperation<Map<string, i32>, JsonValue>(null, "query:host.now.v1", new Map<string, i32>());
  if (reply.failed) return reply.failureOf<i64>();
  const time = reply.value.get("unix_ms");
  if (time === null) return Result.fail<i64>("OPERATION_FAILED", "the host's clock gave no `unix_ms`");
  const milliseconds = time.as<f64>();
  if (milliseconds.failed) return milliseconds.failureOf<i64>();
  return Result.ok<i64>(<i64>milliseconds.value);
}
