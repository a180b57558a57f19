import { type Clock, SpacedriveError } from "@spacedrive/wire";
import type { Instance } from "./instance.js";

export interface InstanceSlotOptions {
  /** For messages: `"finance"`. */
  readonly name: string;
  readonly start: (signal: AbortSignal) => Promise<Instance>;
  /** Calls that may wait; one more answers `BUSY`. */
  readonly maxQueuedCalls: number;
  /** How long an instance without work is kept. */
  readonly idleMs: number;
  readonly clock: Clock;
  /** Called when the slot has neither work nor instance any more. */
  readonly onEmpty: () => void;
}

export type InstanceWork<T> = (instance: Instance) => Promise<T>;

interface QueuedCall {
  readonly run: (instance: Instance) => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/**
 * One instance at a time, made on first use, for calls that run one after another. After a fault the next call gets a
 * fresh one; after `idleMs` without work it is given back. Every call settles exactly once.
 */
export class InstanceSlot implements AsyncDisposable {
  readonly #options: InstanceSlotOptions;
  readonly #queue: QueuedCall[] = [];
  readonly #closing = new AbortController();
  #instance: Instance | null = null;
  #pumping: Promise<void> | null = null;
  #cancelIdle: (() => void) | null = null;

  constructor(options: InstanceSlotOptions) {
    this.#options = options;
  }

  /** True while a call runs or waits. */
  get busy(): boolean {
    return this.#pumping !== null;
  }

  /** Puts in an instance that was started already. */
  adopt(instance: Instance): void {
    this.#instance = instance;
    this.#waitIdle();
  }

  /**
   * @throws SpacedriveError `BUSY` where too many wait, `CANCELLED` where `signal` aborts while this waits, `UNLOADED`, and
   * what the start or the work itself fails with.
   */
  run<T>(work: InstanceWork<T>, signal?: AbortSignal): Promise<T> {
    const { name, maxQueuedCalls } = this.#options;
    if (this.#closing.signal.aborted) return Promise.reject(unloaded(name));
    if (signal?.aborted === true) return Promise.reject(cancelled(name));
    if (this.#queue.length >= maxQueuedCalls) {
      return Promise.reject(
        new SpacedriveError(
          "BUSY",
          `${name} has ${maxQueuedCalls} calls waiting for its instance already. Call again when some have ended.`,
        ),
      );
    }
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        const index = this.#queue.indexOf(call);
        if (index < 0) return;
        this.#queue.splice(index, 1);
        reject(cancelled(name));
      };
      const call: QueuedCall = {
        run: async (instance) => {
          signal?.removeEventListener("abort", leave);
          await work(instance).then(resolve, reject);
        },
        reject: (error) => {
          signal?.removeEventListener("abort", leave);
          reject(error);
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#queue.push(call);
      this.#pumping ??= this.#pump();
    });
  }

  /** Resolves once nothing runs or waits. */
  async drained(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(null);
  }

  /**
   * Gives everything up: what runs or waits settles with `UNLOADED`. An instance that does nothing does `lastWork` first.
   *
   * @param lastWork must not reject.
   * @returns whether the last work was done.
   */
  async close(lastWork: InstanceWork<void> | null): Promise<boolean> {
    this.#closing.abort(unloaded(this.#options.name));
    this.#cancelIdle?.();
    for (const call of this.#queue.splice(0)) call.reject(unloaded(this.#options.name));
    const instance = this.#instance;
    const isFree = !this.busy && instance?.guest.alive === true;
    if (isFree && lastWork !== null) await lastWork(instance);
    await this.#discard();
    await this.drained();
    // A start that was under way when this closed.
    await this.#discard();
    return isFree;
  }

  async #pump(): Promise<void> {
    this.#cancelIdle?.();
    // The first call must see its own slot as busy before anything of it runs.
    await Promise.resolve();
    for (let call = this.#queue.shift(); call !== undefined; call = this.#queue.shift()) await this.#serve(call);
    this.#pumping = null;
    if (this.#instance === null) this.#options.onEmpty();
    else this.#waitIdle();
  }

  async #serve(call: QueuedCall): Promise<void> {
    const { name, start } = this.#options;
    const { signal } = this.#closing;
    let instance: Instance;
    try {
      if (this.#instance?.guest.alive === false) await this.#discard();
      instance = this.#instance ??= await start(signal);
    } catch (error) {
      call.reject(signal.aborted ? unloaded(name) : error);
      return;
    }
    // Closed while it started: `close` waits for this, and gives the instance back.
    if (signal.aborted) call.reject(unloaded(name));
    else await call.run(instance);
    if (!instance.guest.alive && this.#instance === instance) await this.#discard();
  }

  #waitIdle(): void {
    this.#cancelIdle?.();
    if (this.#closing.signal.aborted) return;
    this.#cancelIdle = this.#options.clock.after(this.#options.idleMs, () => {
      if (this.busy) return;
      void this.#discard();
      this.#options.onEmpty();
    });
  }

  async #discard(): Promise<void> {
    const instance = this.#instance;
    this.#instance = null;
    await instance?.guest[Symbol.asyncDispose]();
  }
}

function unloaded(name: string): SpacedriveError {
  return new SpacedriveError("UNLOADED", `${name} was unloaded while the call was under way. Load it, and call again.`);
}

function cancelled(name: string): SpacedriveError {
  return new SpacedriveError("CANCELLED", `The call to ${name} was given up before it began.`);
}
