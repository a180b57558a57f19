import { type Clock, isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { Breaker } from "./breaker.js";
import type { HeldCall } from "./call-chain.js";
import type { IdleInstances } from "./idle-instances.js";
import type { Instance } from "./instance.js";
import { StallWatch } from "./stall-watch.js";

export interface LibraryInstancesOptions {
  /** For messages: `"finance"`. */
  readonly name: string;
  /** `plugin_init` runs on behalf of `call`. */
  readonly start: (call: HeldCall, signal: AbortSignal) => Promise<Instance>;
  /** Instances that serve calls side by side. */
  readonly maxInstances: number;
  /** Calls that may wait; one more answers `BUSY`. */
  readonly maxQueuedCalls: number;
  /** Whether a call that must not wait may have an instance beyond `maxInstances`; throws where it may not. */
  readonly admitExtra: () => void;
  readonly clock: Clock;
  /** When every instance has waited for the host for so long, calls do not queue any longer. */
  readonly stallMs: number;
  readonly breaker: Breaker;
  readonly idle: IdleInstances;
  /** Told of each instance that is given back, which does not reject. */
  readonly onLeaving: (gone: Promise<void>) => void;
  /** Called when there is neither work nor instance any more. */
  readonly onEmpty: () => void;
}

export type InstanceWork<T> = (instance: Instance) => Promise<T>;

interface QueuedCall {
  readonly held: HeldCall;
  readonly run: (instance: Instance) => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/** The place of one instance; it has none before its first call and after a fault. */
interface Seat {
  instance: Instance | null;
  /** Settles when it has nothing to do any more; null: it has nothing to do. */
  serving: Promise<void> | null;
  stopWaiting: () => void;
}

/**
 * The instances of one extension that serve one library: made on first use, at most `maxInstances` for calls that can
 * wait, which queue in their order. After a fault the next call gets a fresh one; without work each is given back. Every
 * call settles exactly once. Where all of them have waited for the host for `stallMs`, it may be for a call in the queue: then
 * the queue gets an extra one, or is refused.
 */
export class LibraryInstances {
  readonly #options: LibraryInstancesOptions;
  readonly #queue: QueuedCall[] = [];
  readonly #seats = new Set<Seat>();
  readonly #closing = new AbortController();
  readonly #watch: StallWatch;

  constructor(options: LibraryInstancesOptions) {
    this.#options = options;
    const { clock, stallMs } = options;
    this.#watch = new StallWatch({
      clock,
      stallMs,
      stalledMs: () => this.#stalledMs(null),
      onStall: () => this.#relieveQueue(),
    });
  }

  /** Instances beyond those that calls can wait for. */
  get extra(): number {
    return Math.max(0, this.#seats.size - this.#options.maxInstances);
  }

  /**
   * Runs work on an instance of its own for as long as it takes. A call that holds an instance itself, or for which one
   * waits, never queues: who knows whether what it would wait for does not wait for it.
   *
   * @throws SpacedriveError `BUSY` where too many wait, `CANCELLED` where `signal` aborts before the work begins, `UNLOADED`,
   * `EXTENSION_FAILING`, and what the start or the work itself fails with.
   */
  run<T>(held: HeldCall, mayQueue: boolean, work: InstanceWork<T>, signal?: AbortSignal): Promise<T> {
    const { name, breaker, maxInstances, maxQueuedCalls, admitExtra } = this.#options;
    let seat: Seat | null;
    try {
      if (this.#closing.signal.aborted) throw unloaded(name);
      if (signal?.aborted === true) throw cancelled(name);
      seat = [...this.#seats].find(({ serving }) => serving === null) ?? null;
      if (seat === null && this.#seats.size < maxInstances) seat = this.#addSeat();
      if (seat === null && !mayQueue) {
        admitExtra();
        seat = this.#addSeat();
      }
      if (seat === null && this.#queue.length >= maxQueuedCalls) {
        throw new SpacedriveError(
          "BUSY",
          `${name} has ${maxQueuedCalls} calls waiting for its instance already. Call again when some have ended.`,
        );
      }
    } catch (error) {
      this.#tellIfEmpty();
      return Promise.reject(error);
    }
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        const index = this.#queue.indexOf(call);
        if (index >= 0) this.#queue.splice(index, 1);
        this.#watchQueue();
        call.reject(cancelled(name));
      };
      let given = false;
      const call: QueuedCall = {
        held,
        run: async (instance) => {
          signal?.removeEventListener("abort", leave);
          // Given up while its instance started, which the next call can have.
          if (given) return;
          try {
            const result = await work(instance);
            breaker.succeeded();
            resolve(result);
          } catch (error) {
            if (!instance.guest.alive && !(held.shortened && isTimeout(error))) breaker.failed(error);
            reject(error);
          }
        },
        reject: (error) => {
          signal?.removeEventListener("abort", leave);
          given = true;
          reject(error);
        },
      };
      signal?.addEventListener("abort", leave, { once: true });
      if (seat !== null) return this.#occupy(seat, call);
      this.#queue.push(call);
      this.#watchQueue();
    });
  }

  /** Resolves once nothing runs or waits. */
  async drained(): Promise<void> {
    for (let busy = this.#serving(); busy.length > 0; busy = this.#serving()) await Promise.all(busy);
  }

  /**
   * Gives everything up: what runs or waits settles with `UNLOADED`. Instances that do nothing do `lastWork` first.
   *
   * @param lastWork must not reject.
   * @returns whether the last work was done.
   */
  async close(lastWork: InstanceWork<void> | null): Promise<boolean> {
    this.#closing.abort(unloaded(this.#options.name));
    for (const call of this.#queue.splice(0)) call.reject(unloaded(this.#options.name));
    this.#watchQueue();
    const done = await Promise.all([...this.#seats].map((seat) => endSeat(seat, lastWork)));
    await this.drained();
    // Starts that were under way when this closed.
    await Promise.all([...this.#seats].map((seat) => discard(seat)));
    this.#seats.clear();
    return done.includes(true);
  }

  #serving(): Promise<void>[] {
    return [...this.#seats].flatMap(({ serving }) => (serving === null ? [] : [serving]));
  }

  #addSeat(): Seat {
    const seat: Seat = { instance: null, serving: null, stopWaiting: () => {} };
    this.#seats.add(seat);
    return seat;
  }

  /** From now on the seat has work: nothing of it may run before everybody sees that. */
  #occupy(seat: Seat, call: QueuedCall): void {
    seat.stopWaiting();
    seat.serving = Promise.resolve().then(() => this.#serve(seat, call));
  }

  async #serve(seat: Seat, first: QueuedCall): Promise<void> {
    for (let call: QueuedCall | undefined = first; call !== undefined; call = this.#nextFor(seat)) {
      await this.#serveOne(seat, call);
    }
    // From here to the end the loop gets no turn: a call that comes finds the seat, or finds it gone.
    seat.serving = null;
    if (this.#closing.signal.aborted) return;
    if (seat.instance === null || this.extra > 0) this.#giveBack(seat);
    else seat.stopWaiting = this.#options.idle.add(() => this.#giveBack(seat));
  }

  /** An instance beyond those that calls can wait for goes as soon as one of them can go on. */
  #nextFor(seat: Seat): QueuedCall | undefined {
    if (this.extra > 0 && this.#stalledMs(seat) < this.#options.stallMs) return undefined;
    const call = this.#queue.shift();
    this.#watchQueue();
    return call;
  }

  /** Since when every instance has waited for the host, but for one that is just free; 0: one of them can go on. */
  #stalledMs(but: Seat | null): number {
    const others = [...this.#seats].filter((seat) => seat !== but);
    return Math.min(...others.map(({ instance }) => instance?.host.waitedMs ?? 0));
  }

  #watchQueue(): void {
    if (this.#queue.length > 0) this.#watch.start();
    else this.#watch.stop();
  }

  #relieveQueue(): void {
    const { name, stallMs, admitExtra } = this.#options;
    try {
      admitExtra();
      const call = this.#queue.shift();
      if (call !== undefined) this.#occupy(this.#addSeat(), call);
    } catch {
      const busy = new SpacedriveError(
        "BUSY",
        `${name} has no instance left: each has waited for the host for ${stallMs} ms (stallMs), and maxExtraInstances allows no further one. Do not let its operations wait for what calls it, or call again later.`,
      );
      for (const call of this.#queue.splice(0)) call.reject(busy);
    }
    this.#watchQueue();
  }

  async #serveOne(seat: Seat, call: QueuedCall): Promise<void> {
    const { name, start, breaker } = this.#options;
    const { signal } = this.#closing;
    try {
      breaker.check();
      if (seat.instance?.guest.alive === false) await discard(seat);
      seat.instance ??= await this.#started(start(call.held, signal));
      // Closed while it started: `close` waits for this, and gives the instance back.
      if (signal.aborted) throw unloaded(name);
    } catch (error) {
      call.reject(signal.aborted ? unloaded(name) : error);
      return;
    }
    await call.run(seat.instance);
    if (seat.instance?.guest.alive === false) await discard(seat);
  }

  async #started(start: Promise<Instance>): Promise<Instance> {
    try {
      return await start;
    } catch (error) {
      this.#options.breaker.failed(error);
      throw error;
    }
  }

  #giveBack(seat: Seat): void {
    this.#seats.delete(seat);
    this.#options.onLeaving(discard(seat));
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#seats.size === 0) this.#options.onEmpty();
  }
}

async function endSeat(seat: Seat, lastWork: InstanceWork<void> | null): Promise<boolean> {
  seat.stopWaiting();
  const { instance } = seat;
  const isFree = seat.serving === null && instance?.guest.alive === true;
  if (isFree && lastWork !== null) await lastWork(instance);
  await discard(seat);
  return isFree;
}

async function discard(seat: Seat): Promise<void> {
  const { instance } = seat;
  seat.instance = null;
  try {
    await instance?.guest[Symbol.asyncDispose]();
  } catch {
    // An engine that cannot dispose of an instance: the next call must be served all the same.
  }
}

function unloaded(name: string): SpacedriveError {
  return new SpacedriveError("UNLOADED", `${name} was unloaded while the call was under way. Load it, and call again.`);
}

function cancelled(name: string): SpacedriveError {
  return new SpacedriveError("CANCELLED", `The call to ${name} was given up before it began.`);
}

function isTimeout(thrown: unknown): boolean {
  return isSpacedriveError(thrown) && thrown.code === "TIMEOUT";
}
