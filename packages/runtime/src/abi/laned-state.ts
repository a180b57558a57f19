import type { GuestMemory } from "./guest-memory.js";
import type { GuestState } from "./guest-state.js";
import type { HostLane, JobId } from "./host-lane.js";

/** The state of an instance that has a lane: it is open while a job runs, nothing is being allocated, and no fault happened. */
export class LanedState implements GuestState {
  memory: GuestMemory | null = null;
  allocate: ((size: number) => number) | null = null;
  starting = true;
  first: GuestState["first"] = null;
  readonly #lane: HostLane | null;
  #allocating = false;
  #dead = false;
  #job: JobId | null = null;

  constructor(lane: HostLane | null) {
    this.#lane = lane;
  }

  get allocating(): boolean {
    return this.#allocating;
  }

  set allocating(value: boolean) {
    this.#allocating = value;
    this.#steer();
  }

  get dead(): boolean {
    return this.#dead;
  }

  set dead(value: boolean) {
    this.#dead = value;
    this.#steer();
  }

  get job(): JobId | null {
    return this.#job;
  }

  set job(value: JobId | null) {
    this.#job = value;
    this.#steer();
  }

  #steer(): void {
    if (this.#lane === null) return;
    if (this.#job === null || this.#allocating || this.#dead) this.#lane.close();
    else this.#lane.open(this.#job);
  }
}
