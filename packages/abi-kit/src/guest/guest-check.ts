import { GuestProblem } from "./guest-problem.js";
import { StrictGuest } from "./strict-guest.js";

/** A promise that every guest SDK keeps, tried on the test extension. */
export interface GuestCheck {
  /** `<theme>/<name>`. */
  readonly id: string;
  readonly promise: string;
  /** Sections of docs/abi.md. */
  readonly sections: readonly string[];
  /** @throws GuestProblem where it is broken. */
  readonly run: (bench: GuestBench) => void;
}

/** Starts instances of the guest for one check. */
export class GuestBench {
  readonly #module: WebAssembly.Module;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  start(): StrictGuest {
    return new StrictGuest(this.#module);
  }
}

/** A problem of the section unless both have the same JSON. */
export function needEqual(section: string, what: string, got: unknown, wanted: unknown): void {
  const [is, should] = [write(got), write(wanted)];
  if (is !== should) throw new GuestProblem(section, `${what} should be ${cut(should)}, and is ${cut(is)}.`);
}

export function need(section: string, holds: boolean, message: string): void {
  if (!holds) throw new GuestProblem(section, message);
}

function write(value: unknown): string {
  return JSON.stringify(value) ?? "nothing";
}

function cut(text: string): string {
  return text.length <= 160 ? text : `${text.slice(0, 160)}… (${text.length} characters)`;
}
