import type { JobInfo, JobRecord, JobUpdate } from "@spacedrive/jobs";
import { parseJson } from "@spacedrive/wire";
import type { HostRequest, JobStepName } from "./host-link.js";

/** A job's record with its JSON taken apart. */
export interface TestJobRecord extends Omit<JobRecord, "state" | "result"> {
  /** The state of its last checkpoint; null: none. */
  readonly state: unknown;
  /** What it answered; null: nothing. */
  readonly result: unknown;
}

/** What a job handle needs of its host. */
export interface JobHost {
  request(request: HostRequest): Promise<unknown>;
  follow(id: string): AsyncIterableIterator<JobUpdate>;
}

/** A job of a test's host. It stays good when the host is killed and started again. */
export class TestJob {
  readonly id: string;
  readonly #host: JobHost;

  constructor(id: string, host: JobHost) {
    this.id = id;
    this.#host = host;
  }

  /**
   * How the job stands, from now until it has ended or is paused; updates that nobody took in time are merged.
   *
   * @throws SpacedriveError `CLOSED` where the host is killed or closed meanwhile.
   */
  updates(): AsyncIterableIterator<JobUpdate> {
    return this.#host.follow(this.id);
  }

  /**
   * Waits until the job has ended: completed, failed or cancelled.
   *
   * @throws SpacedriveError `CLOSED` where the host is killed or closed meanwhile; after `restart()` it can be called again.
   */
  async done(): Promise<TestJobRecord> {
    // Proof: the host answers this request with the job's record.
    return takenApart((await this.#host.request({ kind: "job-done", id: this.id })) as JobRecord);
  }

  /** How the job stands now. */
  async record(): Promise<TestJobRecord & Pick<JobInfo, "waitingFor">> {
    // Proof: the host answers this request with the job's record.
    const info = (await this.#host.request({ kind: "job", id: this.id })) as JobInfo;
    return { ...takenApart(info), waitingFor: info.waitingFor };
  }

  /**
   * Waits for the first update that passes the test, at once where the job stands so already; null: it ended, or was paused, before.
   */
  async until(test: (update: JobUpdate) => boolean): Promise<JobUpdate | null> {
    for await (const update of this.updates()) {
      if (test(update)) return update;
    }
    return null;
  }

  /** Has it checkpoint and stop, and waits for that. A guest that does not look is stopped at its deadline, by the host's clock. */
  pause(): Promise<void> {
    return this.#step("pause");
  }

  resume(): Promise<void> {
    return this.#step("resume");
  }

  cancel(): Promise<void> {
    return this.#step("cancel");
  }

  retry(): Promise<void> {
    return this.#step("retry");
  }

  async #step(step: JobStepName): Promise<void> {
    await this.#host.request({ kind: "job-step", id: this.id, step });
  }
}

/** Jobs keep JSON as text, byte for byte; tests want what it says. */
export function takenApart<T extends Pick<JobRecord, "state" | "result">>(
  record: T,
): Omit<T, "state" | "result"> & { readonly state: unknown; readonly result: unknown } {
  const parse = (text: string | null, what: string): unknown => (text === null ? null : parseJson(text, what));
  return { ...record, state: parse(record.state, "the job's state"), result: parse(record.result, "the job's result") };
}
