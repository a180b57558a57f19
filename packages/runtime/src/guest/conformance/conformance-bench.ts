import assert from "node:assert/strict";
import { type ErrorCode, isSpacedriveError, type SpacedriveError } from "@spacedrive/wire";
import type { Guest, GuestEngine, GuestModule } from "../guest.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../limits.js";
import { RecordingHost } from "./recording-host.js";

/** What the suite needs of whoever runs it. */
export interface GuestConformanceTools {
  /** A new engine; each case has its own and disposes it. */
  readonly createEngine: () => GuestEngine;
  /** The bytes of a module in text form. */
  readonly compileWat: (text: string) => Promise<Uint8Array>;
  /** The fixture with an export for everything. */
  readonly kitchen: () => Promise<Uint8Array>;
}

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
    return this.engine.compile("kitchen", await this.#tools.kitchen(), { ...DEFAULT_GUEST_LIMITS, ...limits });
  }

  /** The fixture as it lies on a disk. */
  kitchenBytes(): Promise<Uint8Array> {
    return this.#tools.kitchen();
  }

  async module(text: string, limits: Partial<GuestLimits> = {}): Promise<GuestModule> {
    return this.engine.compile("small", await this.#tools.compileWat(text), { ...DEFAULT_GUEST_LIMITS, ...limits });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
  }
}

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
