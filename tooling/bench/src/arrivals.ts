/**
 * Takes the time of each call as it reaches the host. What lies between two arrivals is one round trip: reply, wake-up of
 * the guest, its next call, wake-up of the host, handler. So each call is seen by itself, and the guest needs no clock.
 */
export class Arrivals {
  #times: Float64Array;
  #count = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
  }

  readonly add = (): void => {
    this.#times[this.#count++] = performance.now();
  };

  /** The round trips since the last call of this, in microseconds. */
  take(): number[] {
    const trips: number[] = [];
    for (let index = 1; index < this.#count; index++) {
      trips.push(((this.#times[index] ?? Number.NaN) - (this.#times[index - 1] ?? Number.NaN)) * 1000);
    }
    this.#count = 0;
    return trips;
  }
}
