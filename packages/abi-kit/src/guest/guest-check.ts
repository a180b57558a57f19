import { GuestProblem } from "./guest-problem.js";
import type { StrictScript } from "./strict-host-functions.js";

/** An instance of a guest that a strict host plays with, whatever they speak. */
export interface PlayedGuest {
  /** What the guest has done, and what it is answered. */
  readonly script: StrictScript;
  /** Calls a registered operation, and answers its JSON. */
  handle(name: string, input: unknown, context?: unknown): unknown;
  /** Runs a registered job; answers its code. */
  runJob(name: string, state: unknown): number;
}

/** Starts instances of the guest for one check. */
export interface GuestBench<Guest extends PlayedGuest = PlayedGuest> {
  start(): Guest;
}

/** A promise that every guest SDK keeps, tried on the test extension. */
export interface GuestCheck<Guest extends PlayedGuest = PlayedGuest> {
  /** `<theme>/<name>`. */
  readonly id: string;
  readonly promise: string;
  /** Sections of the page that promises it. */
  readonly sections: readonly string[];
  /** @throws GuestProblem where it is broken. */
  readonly run: (bench: GuestBench<Guest>) => void;
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
