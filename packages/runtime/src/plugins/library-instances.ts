import { type Clock, isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import type { Breaker } from "./breaker.js";
import type { HeldCall } from "./call-chain.js";
import type { IdleInstances } from "./idle-instances.js";
import type { Instance } from "./instance.js";
import { type InstancePlaces, noPlace, type Place, type PlaceRequest } from "./instance-places.js";
import { discard, emptySeat, endSeat, type Seat, waitedMs } from "./seat.js";
import { StallWatch } from "./stall-watch.js";

export interface LibraryInstancesOptions {
  readonly extension: string;
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
  readonly places: InstancePlaces;
  /** Told of each instance that is given back, which does not reject. */
  readonly onLeaving: (gone: Promise<void>) => void;
  /** Called when there is neither work nor instance any more. */
  readonly onEmpty: () => void;
}

export type InstanceWork<T> = (instance: Instance) => Promise<T>;

interface QueuedCall {
  readonly held: HeldCall;
  readonly signal: AbortSignal | undefined;
  readonly run: (instance: Instance) => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/** A seat that has a call now; the place of the host at which it works, or null: it has to wait for one. */
interface Seated {
  readonly seat: Seat;
  readonly place: Place | null;
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
    const { extension, breaker, maxQueuedCalls } = this.#options;
    let seated: Seated | null;
    try {
      if (this.#closing.signal.aborted) throw unloaded(extension);
      if (signal?.aborted === true) throw cancelled(extension);
      seated = this.#findSeat(mayQueue);
      if (seated === null && this.#queue.length >= maxQueuedCalls) {
        throw new SpacedriveError(
          "BUSY",
          `"${extension}" has ${maxQueuedCalls} calls waiting for its instance already. Call again when some have ended.`,
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
        call.reject(cancelled(extension));
      };
      let given = false;
      const call: QueuedCall = {
        held,
        signal,
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
      if (seated !== null) return this.#occupy(seated, call);
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
    this.#closing.abort(unloaded(this.#options.extension));
    this.#refuseQueue(unloaded(this.#options.extension));
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

  /**
   * Where a call is served, or null: it has to queue. One that may not gets a place of the host at once; others wait for it there.
   *
   * @throws SpacedriveError `BUSY` where one that may not queue would have to.
   */
  #findSeat(mayQueue: boolean): Seated | null {
    const { extension, maxInstances, admitExtra } = this.#options;
    const idle = [...this.#seats].find(({ serving }) => serving === null) ?? null;
    if (idle === null && this.#seats.size >= maxInstances) {
      if (mayQueue) return null;
      admitExtra();
    }
    // Before a place is taken: that could cost an idle instance, which should not be this one.
    idle?.stopWaiting();
    const seat = idle ?? emptySeat();
    const place = this.#options.places.tryTake(this.#request(seat));
    if (place === null && !mayQueue) {
      if (idle !== null) this.#keepIdle(idle);
      throw noPlace(extension);
    }
    this.#seats.add(seat);
    return { seat, place };
  }

  #request(seat: Seat): PlaceRequest {
    return { extension: this.#options.extension, kind: "call", waitedMs: () => waitedMs(seat) };
  }

  /** From now on the seat has work: nothing of it may run before everybody sees that. */
  #occupy({ seat, place }: Seated, call: QueuedCall): void {
    seat.serving = Promise.resolve().then(() => this.#serve(seat, place, call));
    // Until there is a place for it others may need the room of its instance.
    if (place === null && seat.instance !== null) this.#keepIdle(seat);
  }

  async #serve(seat: Seat, given: Place | null, first: QueuedCall): Promise<void> {
    let place = given;
    for (let call: QueuedCall | undefined = first; call !== undefined; call = this.#nextFor(seat)) {
      if (place?.turnIsOver === true) {
        await discard(seat);
        place[Symbol.dispose]();
        place = null;
      }
      place ??= await this.#waitForPlace(seat, call);
      if (place !== null) await this.#serveOne(seat, call);
    }
    // From here to the end the loop gets no turn: a call that comes finds the seat, or finds it gone.
    seat.serving = null;
    place?.[Symbol.dispose]();
    if (this.#closing.signal.aborted) return;
    seat.stopWaiting();
    if (seat.instance === null || this.extra > 0) this.#giveBack(seat);
    else this.#keepIdle(seat);
  }

  /** A place of the host for a seat; null: its call has been told that it gets none. */
  async #waitForPlace(seat: Seat, call: QueuedCall): Promise<Place | null> {
    const { extension, places } = this.#options;
    const closing = this.#closing.signal;
    const signal = call.signal === undefined ? closing : AbortSignal.any([closing, call.signal]);
    try {
      const place = await places.take(this.#request(seat), signal);
      seat.stopWaiting();
      return place;
    } catch (error) {
      call.reject(closing.aborted ? unloaded(extension) : error);
      if (!signal.aborted) this.#refuseQueue(error);
      return null;
    }
  }

  #keepIdle(seat: Seat): void {
    seat.stopWaiting = this.#options.idle.add(() => this.#giveBack(seat));
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
    return Math.min(...others.map(waitedMs));
  }

  #watchQueue(): void {
    if (this.#queue.length > 0) this.#watch.start();
    else this.#watch.stop();
  }

  #relieveQueue(): void {
    const { extension, stallMs, admitExtra, places } = this.#options;
    try {
      admitExtra();
    } catch {
      this.#refuseQueue(
        new SpacedriveError(
          "BUSY",
          `"${extension}" has no instance left: each has waited for the host for ${stallMs} ms (stallMs), and maxExtraInstances allows no further one. Do not let its operations wait for what calls it, or call again later.`,
        ),
      );
      return;
    }
    const call = this.#queue.shift();
    this.#watchQueue();
    if (call === undefined) return;
    const seat = emptySeat();
    this.#seats.add(seat);
    this.#occupy({ seat, place: places.tryTake(this.#request(seat)) }, call);
  }

  #refuseQueue(error: unknown): void {
    for (const call of this.#queue.splice(0)) call.reject(error);
    this.#watchQueue();
  }

  async #serveOne(seat: Seat, call: QueuedCall): Promise<void> {
    const { extension, start, breaker } = this.#options;
    const { signal } = this.#closing;
    try {
      breaker.check();
      if (seat.instance?.guest.alive === false) await discard(seat);
      seat.instance ??= await this.#started(start(call.held, signal));
      // Closed while it started: `close` waits for this, and gives the instance back.
      if (signal.aborted) throw unloaded(extension);
    } catch (error) {
      call.reject(signal.aborted ? unloaded(extension) : error);
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
    // One that waits for a place of the host, meanwhile without its instance, still has a call.
    if (seat.serving === null) this.#seats.delete(seat);
    this.#options.onLeaving(discard(seat));
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#seats.size === 0) this.#options.onEmpty();
  }
}

function unloaded(extension: string): SpacedriveError {
  return new SpacedriveError(
    "UNLOADED",
    `"${extension}" was unloaded while the call was under way. Load it, and call again.`,
  );
}

function cancelled(extension: string): SpacedriveError {
  return new SpacedriveError("CANCELLED", `The call to "${extension}" was given up before it began.`);
}

function isTimeout(thrown: unknown): boolean {
  return isSpacedriveError(thrown) && thrown.code === "TIMEOUT";
}
