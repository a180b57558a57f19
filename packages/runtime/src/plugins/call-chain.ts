import { AsyncLocalStorage } from "node:async_hooks";
import { SpacedriveError } from "@spacedrive/wire";

const chain = new AsyncLocalStorage<HeldCall>();

/**
 * A call that holds an instance: its guest runs, or waits for the host. What the host does on its behalf finds it by
 * {@link currentCall}, whoever it calls as, so that nobody ever queues behind an instance that waits for him.
 */
export class HeldCall {
  /** 1 where no other extension's call waits for this one. */
  readonly depth: number;
  /** Some call that holds an instance waits for this one. */
  readonly isNested: boolean;
  readonly #parent: HeldCall | null;
  /**
   * Runs work in the asynchronous context of whoever made this call, with this call added: the host's other contexts, such as
   * a trace's, are its caller's, and not those of whoever was served before.
   */
  readonly #inside: <T>(work: () => T) => T;
  #deadline = Number.POSITIVE_INFINITY;
  #ended = false;
  #shortened = false;

  constructor(parent: HeldCall | null) {
    this.#parent = parent;
    this.depth = (parent?.depth ?? 0) + 1;
    this.isNested = parent !== null;
    this.#inside = chain.run(this, () => AsyncLocalStorage.snapshot());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Its caller had less time for it than the guest's own limit gives. */
  get shortened(): boolean {
    return this.#shortened;
  }

  /**
   * Its guest begins.
   *
   * @param askedMs what the caller gives it; null: nothing of his own.
   * @returns the milliseconds that it has: never more than are left to whoever waits for it.
   */
  begin(askedMs: number | null, limitMs: number): number {
    const now = performance.now();
    const mine = askedMs ?? limitMs;
    const left = (this.#parent?.deadline ?? Number.POSITIVE_INFINITY) - now;
    const timeoutMs = Math.max(1, Math.min(mine, Math.ceil(left)));
    this.#deadline = now + timeoutMs;
    this.#shortened = timeoutMs < limitMs;
    return timeoutMs;
  }

  /** By `performance.now()`. */
  get deadline(): number {
    return this.#deadline;
  }

  end(): void {
    this.#ended = true;
  }

  /** Does work that this call waits for. */
  doInside<T>(work: () => T): T {
    return this.#inside(work);
  }
}

/** The call that waits for what is done just now, or null. What outlives its call belongs to none any more. */
export function currentCall(): HeldCall | null {
  const call = chain.getStore();
  return call === undefined || call.ended ? null : call;
}

/**
 * A call that is about to be made, below the one that waits for it.
 *
 * @throws SpacedriveError `BUSY`, not retryable, where calls are nested deeper than `maxDepth`.
 */
export function nextCall(name: string, maxDepth: number): HeldCall {
  const call = new HeldCall(currentCall());
  if (call.depth <= maxDepth) return call;
  throw new SpacedriveError(
    "BUSY",
    `${name} cannot be called: ${maxDepth} calls of extensions wait for one another already (maxCallDepth). Do they call each other in a circle?`,
    { retryable: false, details: { max_call_depth: maxDepth } },
  );
}
