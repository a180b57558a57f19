import { GuestProblem } from "../guest-problem.js";

/** A broken promise of docs/wasi-protocol.md. */
export function wasiProblem(section: string, what: string): GuestProblem {
  return new GuestProblem(section, what, "docs/wasi-protocol.md");
}
