import { type Clock, SpacedriveError } from "@spacedrive/wire";
import { StallWatch } from "./stall-watch.js";

export interface InstancePlacesOptions {
  /** Instances that work at the same time, of all extensions. */
  readonly max: number;
  readonly clock: Clock;
  /** When every call that could give its place up has waited for the host for so long, calls do not wait for places any longer. */
  readonly stallMs: number;
  /** Called when fewer places are free than before. */
  readonly onTaken: () => void;
}

export interface PlaceRequest {
  readonly extension: string;
  readonly kind: "call" | "job";
  /** Milliseconds for which the instance at this place has waited for the host; 0: it works. */
  readonly waitedMs: () => number;
}

/** The right of one instance to work. Given back when it is disposed; twice is harmless. */
export interface Place extends Disposable {
  /** It has been held for a turn, and another extension waits that could have it. */
  readonly turnIsOver: boolean;
}

interface Held extends PlaceRequest {
  readonly since: number;
}

interface Waiter extends PlaceRequest {
  readonly resolve: (place: Place) => void;
  readonly reject: (error: SpacedriveError) => void;
}

/** How long a place is held, at the least, before the next call of the same extension leaves it to another. */
const TURN_MS = 100;

/**
 * The places of a host at which instances work. Whoever can wait for one gets it in turn, extension by extension. Neither calls nor
 * jobs can take all of them, so that what waits for one kind does not hinder it; nor can one extension's calls.
 */
export class InstancePlaces {
  readonly #options: InstancePlacesOptions;
  readonly #held = new Set<Held>();
  /** In the order in which extensions have their turns. */
  readonly #waiting = new Map<string, Waiter[]>();
  readonly #watch: StallWatch;

  constructor(options: InstancePlacesOptions) {
    this.#options = options;
    const { clock, stallMs } = options;
    this.#watch = new StallWatch({
      clock,
      stallMs,
      stalledMs: () => Math.max(0, ...this.#waitingCalls().map((waiter) => this.#stalledMs(waiter))),
      onStall: () => this.#refuseStalled(),
    });
  }

  get free(): number {
    return this.#options.max - this.#held.size;
  }

  /** A place at once, or null. It passes nobody by: a free place that somebody waits for has been given to him. */
  tryTake(request: PlaceRequest): Place | null {
    return this.#admits(request, this.#held) ? this.#give(request) : null;
  }

  /**
   * A place, when it is its turn.
   *
   * @throws SpacedriveError `BUSY` where a call waits for what may wait for it, `CANCELLED` where `signal` aborts.
   */
  async take(request: PlaceRequest, signal: AbortSignal): Promise<Place> {
    const { extension } = request;
    if (signal.aborted) throw cancelled(extension);
    const place = this.tryTake(request);
    if (place !== null) return place;
    return await new Promise<Place>((resolve, reject) => {
      const settle = (): void => signal.removeEventListener("abort", leave);
      const waiter: Waiter = {
        ...request,
        resolve: (given) => (settle(), resolve(given)),
        reject: (error) => (settle(), reject(error)),
      };
      const leave = (): void => {
        this.#remove(waiter);
        reject(cancelled(extension));
      };
      signal.addEventListener("abort", leave, { once: true });
      const others = this.#waiting.get(extension);
      if (others === undefined) this.#waiting.set(extension, [waiter]);
      else others.push(waiter);
      this.#watchCalls();
    });
  }

  #give(request: PlaceRequest): Place {
    const held: Held = { ...request, since: performance.now() };
    this.#held.add(held);
    this.#options.onTaken();
    const isOver = (): boolean => performance.now() - held.since >= TURN_MS && this.#isWantedByOthers(held);
    return {
      get turnIsOver() {
        return isOver();
      },
      [Symbol.dispose]: () => {
        if (this.#held.delete(held)) this.#giveOn();
      },
    };
  }

  /** What is free goes to those who wait, one for each extension in turn. */
  #giveOn(): void {
    for (let waiter = this.#next(); waiter !== null; waiter = this.#next()) {
      const { extension } = waiter;
      const rest = this.#remove(waiter);
      if (rest !== undefined) {
        this.#waiting.delete(extension);
        this.#waiting.set(extension, rest);
      }
      waiter.resolve(this.#give(waiter));
    }
  }

  #next(): Waiter | null {
    if (this.free <= 0) return null;
    for (const waiters of this.#waiting.values()) {
      const admitted = waiters.find((waiter) => this.#admits(waiter, this.#held));
      if (admitted !== undefined) return admitted;
    }
    return null;
  }

  /** @returns those of its extension that wait on. */
  #remove(waiter: Waiter): Waiter[] | undefined {
    const { extension } = waiter;
    const rest = (this.#waiting.get(extension) ?? []).filter((other) => other !== waiter);
    if (rest.length > 0) this.#waiting.set(extension, rest);
    else this.#waiting.delete(extension);
    this.#watchCalls();
    return this.#waiting.get(extension);
  }

  #admits({ kind, extension }: PlaceRequest, held: ReadonlySet<Held>): boolean {
    const { max } = this.#options;
    if (held.size >= max) return false;
    const alike = [...held].filter((other) => other.kind === kind);
    if (kind === "job") return alike.length < share(max, 3 / 4);
    return alike.length < share(max, 7 / 8) && !this.#hasItsShare(extension, alike);
  }

  #hasItsShare(extension: string, calls: readonly Held[]): boolean {
    return calls.filter((other) => other.extension === extension).length >= share(this.#options.max, 1 / 2);
  }

  #isWantedByOthers(held: Held): boolean {
    const rest = new Set(this.#held);
    rest.delete(held);
    for (const [extension, waiters] of this.#waiting) {
      if (extension !== held.extension && waiters.some((waiter) => this.#admits(waiter, rest))) return true;
    }
    return false;
  }

  #waitingCalls(): Waiter[] {
    return [...this.#waiting.values()].flat().filter(({ kind }) => kind === "call");
  }

  #watchCalls(): void {
    if (this.#waitingCalls().length > 0) this.#watch.start();
    else this.#watch.stop();
  }

  /** Since when every call whose place it could have has waited for the host. */
  #stalledMs({ extension }: Waiter): number {
    const calls = [...this.#held].filter(({ kind }) => kind === "call");
    const inItsWay = this.#hasItsShare(extension, calls) ? calls.filter((call) => call.extension === extension) : calls;
    return inItsWay.length === 0 ? 0 : Math.min(...inItsWay.map(({ waitedMs }) => waitedMs()));
  }

  #refuseStalled(): void {
    const { stallMs } = this.#options;
    for (const waiter of this.#waitingCalls()) {
      if (this.#stalledMs(waiter) < stallMs) continue;
      this.#remove(waiter);
      waiter.reject(
        busy(waiter.extension, `each has waited for the host for ${stallMs} ms (stallMs), and calls wait no longer`),
      );
    }
  }
}

/** Why a call that must not wait got no place. */
export function noPlace(extension: string): SpacedriveError {
  return busy(extension, "a call that an instance waits for cannot wait for another");
}

function busy(extension: string, reason: string): SpacedriveError {
  return new SpacedriveError(
    "BUSY",
    `"${extension}" cannot be called: as many instances work as this host allows (maxInstancesAtWork), and ${reason}. Call again when some have ended.`,
  );
}

function cancelled(extension: string): SpacedriveError {
  return new SpacedriveError("CANCELLED", `What "${extension}" was to do was given up before it began.`);
}

function share(max: number, part: number): number {
  return Math.max(1, Math.floor(max * part));
}
