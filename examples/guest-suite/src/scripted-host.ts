import { readFile } from "node:fs/promises";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import {
  createWorkerEngine,
  DEFAULT_GUEST_LIMITS,
  type ErrorCode,
  type Guest,
  type GuestEngine,
  type HostCallRequest,
  type JobCalls,
  type JobExit,
  SpacedriveError,
  toEnvelope,
} from "@spacedrive/runtime";
import { type GuestUnderTest, manifestOf } from "./guest-under-test.js";

const JOB_ID = "11111111-1111-4111-8111-111111111111";
const LIBRARY_ID = "0a0b0c0d-0e0f-4001-8203-0405060708ff";
const CONTEXT = JSON.stringify({ job_id: JOB_ID, library_id: LIBRARY_ID, caller: "local-user" });

/** A host of one instance that answers its calls as a test says. */
export class ScriptedHost implements AsyncDisposable {
  /** What it was called with, in order. */
  readonly requests: HostCallRequest[] = [];
  /** What a call is answered. Default: what each operation would. */
  answer: (request: HostCallRequest) => string = outputOf;
  readonly #engine: GuestEngine;
  readonly #guest: Guest;

  private constructor(engine: GuestEngine, guest: Guest) {
    this.#engine = engine;
    this.#guest = guest;
  }

  static async start(guest: GuestUnderTest): Promise<ScriptedHost> {
    const { id, wasm_file: file, engine: kind } = await manifestOf(guest);
    const engine = kind === "wasi" ? createWasiEngine({ transport: "shim" }) : createWorkerEngine();
    try {
      // Made ready before it is there: the guest registers while it starts.
      let host: ScriptedHost | null = null;
      const limits = { ...DEFAULT_GUEST_LIMITS, initTimeoutMs: 60_000 };
      const module = await engine.compile(id, await readFile(new URL(file, guest.folder)), limits);
      const instance = await module.start({
        call: async (request) => host?.take(request) ?? "null",
        log: () => {},
        register: () => true,
      });
      host = new ScriptedHost(engine, instance);
      return host;
    } catch (error) {
      await engine[Symbol.asyncDispose]();
      throw error;
    }
  }

  greet(name: string): Promise<string> {
    return this.#guest.handle("query_greet_v1", CONTEXT, JSON.stringify({ name }));
  }

  count(state: string, job: ScriptedJob): Promise<JobExit> {
    return this.#guest.runJob("execute_count", CONTEXT, state, job);
  }

  /** What the job is told from now on: 0 go on, 1 pause, 2 cancel. */
  interrupt(value: 0 | 1 | 2): void {
    this.#guest.setInterrupt(value);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guest[Symbol.asyncDispose]();
    await this.#engine[Symbol.asyncDispose]();
  }

  private take(request: HostCallRequest): string {
    this.requests.push(request);
    return this.answer(request);
  }
}

/** A job that keeps what it is told. */
export class ScriptedJob implements JobCalls {
  readonly jobId = JOB_ID;
  readonly states: string[] = [];
  readonly reasons: string[] = [];
  readonly results: string[] = [];
  readonly warnings: string[] = [];

  async checkpoint(state: string): Promise<boolean> {
    this.states.push(state);
    return true;
  }

  fail(reason: string): void {
    this.reasons.push(reason);
  }

  complete(result: string): void {
    this.results.push(result);
  }

  warning(message: string): void {
    this.warnings.push(message);
  }

  progress(): void {}
  addBytes(): void {}
  addItems(): void {}
}

/** What an operation that fails answers. */
export function errorOf(code: ErrorCode, message: string): string {
  return JSON.stringify(toEnvelope(new SpacedriveError(code, message)));
}

function outputOf({ method, payload }: HostCallRequest): string {
  if (method !== "query:test.ping.v1") return JSON.stringify({ id: LIBRARY_ID });
  // Proof: the guests send `{ message }`.
  const { message } = JSON.parse(payload) as { message: string };
  return JSON.stringify({ echo: `Pong: ${message}` });
}
