import { operation } from "./plugin-host.js";
import { handler, watGuest } from "./wat-guest.js";

/** Registers what its manifest declares, logs, and answers. */
export function goodGuest(): Promise<Uint8Array> {
  return watGuest(
    (text) => `
      (func (export "plugin_init") (result i32)
        (call $log (i32.const 1) ${text("hello from init")})
        (call $register_operation (i32.const 0) ${text("summary.v1")} ${text("query_summary_v1")}))
      ${handler("query_summary_v1", `(call $block ${text('{"total":3}')})`)}
      (func (export "answer") (result i32) (i32.const 42))
    `,
  );
}

/** What its manifest declares. */
export const GOOD = { operations: [operation("summary")] };
