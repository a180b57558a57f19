import { implement, type Operation } from "@spacedrive/wire";
import { ping } from "./definitions.js";

/** The operations `test.*`. */
export function testOperations(): Operation[] {
  return [
    implement(ping, {
      run: (_ctx, { message, count }) => ({ echo: `Pong: ${message}`, count, extension_works: true }),
    }),
  ];
}
