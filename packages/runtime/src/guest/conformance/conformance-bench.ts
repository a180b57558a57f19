import assert from "node:assert/strict";
import { type ErrorCode, isSpacedriveError, type SpacedriveError } from "@spacedrive/wire";
import type { Guest, GuestEngine, GuestModule } from "../guest.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../limits.js";
import { RecordingHost } from "./recording-host.js";

/** What is not about time must come to its end on a machine that has other things to do, too. */
const UNHURRIED_LIMITS: GuestLimits = { ...DEFAULT_GUEST_LIMITS, initTimeoutMs: 60_000 };

/** What the suite needs of whoever runs it: an engine, and guests of the kind that it runs. */
export interface GuestConformanceTools {
  /** A new engine; each case has its own and disposes it. */
  readonly createEngine: () => GuestEngine;
  /** The fixture with a name for everything: `test/fixtures/kitchen.wat` says what each does. */
  readonly kitchen: () => Promise<Uint8Array>;
  /** Guests that do one thing at their start. */
  readonly program: (name: SmallGuest) => Promise<Uint8Array>;
  /** The bytes of a module in text form. Null: guests are no core modules, and the cases of the ABI itself do not apply. */
  readonly compileWat: ((text: string) => Promise<Uint8Array>) | null;
}

/**
 * Starts and does nothing; says that it speaks version 2; logs the error "no key was given" and then traps (in a function
 * `broken` that a function `init` calls) or gives up; never comes back from its start.
 */
export type SmallGuest = "does-nothing" | "version-2" | "traps-in-init" | "fails-in-init" | "loops-in-init";

/** A promise that every engine keeps. `run` rejects where it is broken. */
export interface GuestConformanceCase {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** An engine and a host for one case. */
export class ConformanceBench implements AsyncDisposable {
  readonly engine: GuestEngine;
  readonly host = new RecordingHost();
  readonly #tools: GuestConformanceTools;

  constructor(tools: GuestConformanceTools) {
    this.#tools = tools;
    this.engine = tools.createEngine();
  }

  /** An instance of the fixture. */
  async guest(limits: Partial<GuestLimits> = {}): Promise<Guest> {
    return (await this.kitchen(limits)).start(this.host);
  }

  async kitchen(limits: Partial<GuestLimits> = {}): Promise<GuestModule> {
    return this.engine.compile("kitchen", await this.#tools.kitchen(), { ...UNHURRIED_LIMITS, ...limits });
  }

  /** The fixture as it lies on a disk. */
  kitchenBytes(): Promise<Uint8Array> {
    return this.#tools.kitchen();
  }

  /** One of the small guests. */
  async program(name: SmallGuest, limits: Partial<GuestLimits> = {}): Promise<GuestModule> {
    return this.engine.compile("small", await this.#tools.program(name), { ...UNHURRIED_LIMITS, ...limits });
  }

  /** A core module in text form; only for cases of the ABI. */
  async module(text: string, limits: Partial<GuestLimits> = {}): Promise<GuestModule> {
    assert.ok(this.#tools.compileWat !== null, "a case of every engine asks for a core module");
    return this.engine.compile("small", await this.#tools.compileWat(text), { ...UNHURRIED_LIMITS, ...limits });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

/** A case's name and what it does; `"abi"` where it speaks of core modules and their pointers, and not of every guest. */
export type Case = readonly [name: string, check: Check, only?: "abi"];

export type Check = (bench: ConformanceBench) => Promise<void>;

/** Rejects unless the promise rejects with this code and, where given, a message like this. */
export async function assertRejects(
  promise: Promise<unknown>,
  code: ErrorCode,
  message?: RegExp,
): Promise<SpacedriveError> {
  const error: unknown = await promise.then(
    (value) => assert.fail(`expected ${code}, and it answered ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(isSpacedriveError(error), `expected ${code}, and it threw ${String(error)}`);
  assert.equal(error.code, code, error.message);
  if (message !== undefined) assert.match(error.message, message);
  return error;
}
