import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { GuestInstance } from "../../abi/guest-instance.js";
import { DEFAULT_GUEST_LIMITS } from "../limits.js";
import type { StartMessage } from "./channel-layout.js";
import type { GuestLink } from "./guest-link.js";

/**
 * The smallest guest that goes the whole way of a start:
 *
 *     (module
 *       (import "spacedrive" "spacedrive_log" (func (param i32 i32 i32)))
 *       (memory (export "memory") 1 1)
 *       (func (export "wasm_alloc") (param i32) (result i32) (i32.const 8))
 *       (func (export "wasm_free") (param i32 i32))
 *       (func (export "plugin_init") (call 0 (i32.const 0) (i32.const 0) (i32.const 0))))
 */
export const WARM_UP_MODULE =
  "AGFzbQEAAAABFARgA39/fwBgAX8Bf2ACf38AYAAAAh0BCnNwYWNlZHJpdmUOc3BhY2Vkcml2ZV9sb2cAAAMEAwECAwUEAQEBAQcxBAZtZW1vcnkCAAp3YXNtX2FsbG9jAAEJd2FzbV9mcmVlAAILcGx1Z2luX2luaXQAAwoUAwQAQQgLAgALCgBBAEEAQQAQAAs=";

/**
 * Starts a guest once while the thread is idle. The first start on a thread compiles our own code and sets WebAssembly
 * up, which takes milliseconds; the second takes a tenth of one. What it logs is thrown away by the caller.
 */
export function warmUp(link: GuestLink): void {
  const { port1, port2 } = new MessageChannel();
  const module = new WebAssembly.Module(Buffer.from(WARM_UP_MODULE, "base64"));
  const start: StartMessage = { module, maxPages: 1, limits: DEFAULT_GUEST_LIMITS };
  port1.postMessage(start);
  // Proof: it was posted on the line above.
  const received = receiveMessageOnPort(port2)?.message as StartMessage;
  link.reset(received.limits);
  new GuestInstance(received.module, link, received.maxPages).start();
  port1.close();
}
