export { describeGuest, type Toolchain } from "./describe-guest.js";
export { guestPromises } from "./guest-promises.js";
export type { GuestUnderTest } from "./guest-under-test.js";
export { runWasiCommand } from "./run-wasi-command.js";
