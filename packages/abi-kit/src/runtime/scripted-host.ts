import {
  defineAction,
  defineQuery,
  type GuestLimits,
  type GuestRegistration,
  type HostCallRequest,
  type HostCalls,
  type JobCalls,
  localUser,
  type LogLevel,
  type Operation,
  parseLibraryId,
  SpacedriveError,
  type Wire,
} from "@spacedrive/runtime";
import { createWire, hasMoreJsonValues, isEnvelope, isErrorCode, parseJson, parseMethod } from "@spacedrive/wire";
import { z } from "zod";
import type { ObservedEvent } from "../host/host-under-test.js";
import { type HostScript, type ScriptedOperation, writeOut } from "../vectors/vector.js";

const WAKE_WHEN = "action:jobs.wake_when.input.v1";

/** The host's side of a run: keeps what it is told, and answers as the script says. */
export class ScriptedHost implements HostCalls {
  readonly #script: HostScript;
  readonly #limits: GuestLimits;
  readonly #wire: Wire;
  #events: ObservedEvent[] = [];
  #job: ScriptedJob | null = null;
  #checkpoints = 0;

  constructor(script: HostScript, limits: GuestLimits) {
    this.#script = script;
    this.#limits = limits;
    // Any library that a vector names is open.
    this.#wire = createWire(this.operations(), { libraries: { has: () => true } });
  }

  /** What the script lets a guest call. */
  operations(): readonly Operation[] {
    return (this.#script.operations ?? []).map((operation) => this.#define(operation));
  }

  /** What was told since the last time. */
  takeEvents(): readonly ObservedEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  tell(event: ObservedEvent): void {
    this.#events.push(event);
  }

  enter(job: ScriptedJob): void {
    this.#job = job;
    this.#checkpoints = 0;
  }

  leave(job: ScriptedJob): void {
    job.tellTotals();
    this.#job = null;
  }

  async call({ method, library, payload, signal }: HostCallRequest): Promise<string> {
    this.tell({ event: "call", method, library: library?.toLowerCase() ?? null, payload });
    const answer = await this.#wire.callJson(method, payload, {
      caller: localUser,
      library: library === null ? null : parseLibraryId(library),
      signal,
      maxValues: this.#limits.maxPayloadValues,
    });
    if (method === WAKE_WHEN && !isEnvelope(parseJson(answer, "an answer of Wire"))) this.#job?.asksForWakeUp();
    return answer;
  }

  log(level: LogLevel, message: string): void {
    this.tell({ event: "log", level, message });
  }

  register(registration: GuestRegistration): boolean {
    const { kind, name, exportName } = registration;
    const resumable = registration.kind === "job" ? { resumable: registration.resumable } : {};
    this.tell({ event: "register", kind, name, export: exportName, ...resumable });
    return !(this.#script.refuse ?? []).includes(name);
  }

  /** Whether a state is one that the host takes. */
  takesState(state: string): boolean {
    if (hasMoreJsonValues(state, this.#limits.maxStateValues)) return false;
    try {
      parseJson(state, "the state", "INVALID_STATE");
      return true;
    } catch {
      return false;
    }
  }

  /** What the script says of the next checkpoint. */
  nextCheckpoint(): { readonly durable: boolean; readonly interrupt: 0 | 1 | 2 | null } {
    const list = this.#script.checkpoints ?? [];
    const next = list[Math.min(this.#checkpoints, list.length - 1)];
    this.#checkpoints++;
    return { durable: next?.durable ?? true, interrupt: next?.interrupt ?? null };
  }

  #define(scripted: ScriptedOperation): Operation {
    const { kind, name, version } = parseMethod(scripted.method);
    const required = Object.fromEntries((scripted.requires ?? []).map((field) => [field, z.string()]));
    const definition = {
      name,
      version: version ?? 1,
      scope: scripted.scope ?? ("host" as const),
      input: scripted.requires === undefined ? z.unknown() : z.looseObject(required),
      output: z.unknown(),
      ...(scripted.timeout_ms === undefined ? {} : { timeoutMs: scripted.timeout_ms }),
      run: (_context: unknown, input: unknown) => this.#answer(scripted, input),
    };
    return kind === "query" ? defineQuery(definition) : defineAction(definition);
  }

  async #answer({ answer, interrupt }: ScriptedOperation, input: unknown): Promise<unknown> {
    if (interrupt !== undefined) this.#job?.setInterrupt(interrupt);
    if ("echo" in answer) return input;
    if ("never" in answer) return new Promise(() => {});
    if ("text" in answer) return writeOut(answer.text);
    if ("output" in answer) return answer.output;
    const { code, message, details = {} } = answer.error;
    throw new SpacedriveError(isErrorCode(code) ? code : "OPERATION_FAILED", message, { details });
  }
}

/** The job of a run, as the script wants it. */
export class ScriptedJob implements JobCalls {
  readonly jobId: string;
  readonly #host: ScriptedHost;
  readonly #tell: (value: 0 | 1 | 2) => void;
  #interrupt: 0 | 1 | 2;
  #checkpointed = false;
  #items = 0n;
  #bytes = 0n;
  #failed = false;
  #asked = false;

  /**
   * @param interrupt what `job_check_interrupt` answers from the beginning.
   * @param tell sets what it answers from now on.
   */
  constructor(jobId: string, host: ScriptedHost, interrupt: 0 | 1 | 2, tell: (value: 0 | 1 | 2) => void) {
    this.jobId = jobId;
    this.#host = host;
    this.#interrupt = interrupt;
    this.#tell = tell;
  }

  setInterrupt(value: 0 | 1 | 2): void {
    this.#interrupt = value;
    this.#tell(value);
  }

  progress(fraction: number, message: string): void {
    this.#host.tell({ event: "progress", fraction, message });
  }

  async checkpoint(state: string): Promise<boolean> {
    if (!this.#host.takesState(state)) return false;
    this.#host.tell({ event: "checkpoint", state });
    const { durable, interrupt } = this.#host.nextCheckpoint();
    if (interrupt !== null) this.setInterrupt(interrupt);
    this.#checkpointed ||= durable;
    return durable;
  }

  warning(message: string): void {
    this.#host.tell({ event: "warning", message });
  }

  addBytes(count: bigint): void {
    this.#bytes += count;
  }

  addItems(count: bigint): void {
    this.#items += count;
  }

  fail(reason: string): void {
    this.#failed = true;
    this.#host.tell({ event: "fail", reason });
  }

  complete(result: string): void {
    this.#host.tell({ event: "complete", result });
  }

  asksForWakeUp(): void {
    this.#asked = true;
  }

  tellTotals(): void {
    if (this.#items > 0n) this.#host.tell({ event: "items", total: String(this.#items) });
    if (this.#bytes > 0n) this.#host.tell({ event: "bytes", total: String(this.#bytes) });
  }

  /**
   * The meaning of a return, of which an engine knows only number and interrupt: with a wake-up taken as asked for where
   * the call that asks for it was answered. The runtime's own job executor does the same with a job manager.
   */
  outcomeOf(code: number, sawInterrupt: boolean): "completed" | "interrupted" | "failed" | "suspended" {
    // An answer with the code CANCELLED is none where nobody has asked the job to pause or to end.
    const interrupted = sawInterrupt && this.#interrupt !== 0;
    const kept = this.#checkpointed || this.#interrupt === 2;
    switch (code) {
      case 0:
        return "completed";
      case 1:
        return interrupted ? "interrupted" : "failed";
      case 2:
        return interrupted && kept && !this.#failed ? "interrupted" : "failed";
      case 3:
        return this.#asked ? "suspended" : "failed";
      default:
        return "failed";
    }
  }
}
