import { join } from "node:path";
import type { JobFilter, JobInfo, JobUpdate } from "@spacedrive/jobs";
import { parseJson, SpacedriveError } from "@spacedrive/wire";
import { FaultPlan, type HostFaults } from "./fault-plan.js";
import {
  faultOf,
  type FaultSettings,
  type HostEvent,
  type HostLink,
  type HostRequest,
  type LogLine,
  type StartOptions,
} from "./host-link.js";
import {
  addLocation,
  findEntry,
  listEntries,
  listSidecars,
  readSidecar,
  type TestEntry,
  type TestSidecar,
} from "./library-reader.js";
import { removeFolder } from "./temporary-folder.js";
import { takenApart, TestJob, type TestJobRecord } from "./test-job.js";
import { UpdateStream } from "./update-stream.js";

/** What a test host is made of. */
export interface TestHostParts {
  /** Ids of the extensions; the first is the one that short names mean. */
  readonly extensions: readonly string[];
  /** Removed at the end. */
  readonly folder: string;
  readonly open: (faults: FaultSettings, onEvent: (event: HostEvent) => void) => Promise<HostLink>;
  /** Whether the host has a process of its own. */
  readonly canKill: boolean;
}

/** The real host around the extension under test, with a temporary library. Made by `createTestHost`. */
export class TestHost implements AsyncDisposable {
  /** Every line that the host and its extensions logged so far, those before a kill included. */
  readonly logs: LogLine[] = [];
  /** What goes wrong under the host. */
  readonly faults: HostFaults;
  readonly #plan: FaultPlan;
  readonly #faultLog: string;
  readonly #parts: TestHostParts;
  readonly #streams = new Map<number, UpdateStream>();
  #link: HostLink | null = null;
  #lastSubscription = 0;
  #location: string | null = null;
  #disposed = false;

  constructor(parts: TestHostParts) {
    this.#parts = parts;
    this.#faultLog = join(parts.folder, "faults.log");
    this.faults = this.#plan = new FaultPlan({
      log: this.#faultLog,
      canKill: parts.canKill,
      send: async (plan) => {
        if (this.#link !== null) await this.#request({ kind: "set-faults", plan });
      },
    });
  }

  /** Id of the location that holds the test's files. */
  get location(): string {
    if (this.#location === null)
      throw new SpacedriveError("NOT_FOUND", "This test host has no location: give it files.");
    return this.#location;
  }

  /** Calls an operation as the local user, on the test's library. */
  call(method: string, input: unknown = {}): Promise<unknown> {
    return this.#request({ kind: "call", method, input });
  }

  /** Calls a bare export of the extension, `() -> i32` or `() -> ()`; answers what it returned. */
  callExport(exportName: string, extension: string = this.#first()): Promise<unknown> {
    return this.#request({ kind: "call-export", extension, exportName });
  }

  /** Starts a job: `count` of the extension under test, or any type by its full name, `word-count:count`. */
  async dispatch(job: string, state: unknown = {}, options: StartOptions = {}): Promise<TestJob> {
    const type = job.includes(":") ? job : `${this.#first()}:${job}`;
    return this.job(String(await this.#request({ kind: "dispatch", type, state, options })));
  }

  /** The handle of a job by its id. */
  job(id: string): TestJob {
    return new TestJob(id, { request: (request) => this.#request(request), follow: (job) => this.#follow(job) });
  }

  /** The library's jobs, newest first. */
  async jobs(filter: Omit<JobFilter, "library"> = {}): Promise<TestJobRecord[]> {
    // Proof: the host answers this request with the jobs' records.
    return ((await this.#request({ kind: "jobs", filter })) as JobInfo[]).map(takenApart);
  }

  /** Adds a real folder to the library, and waits until it is indexed; answers the location's id. */
  async addLocation(path: string): Promise<string> {
    const added = await addLocation((method, input) => this.call(method, input), path);
    const { status, error } = await this.job(added.job).done();
    if (status !== "completed") {
      throw new SpacedriveError("JOB_FAILED", `"${path}" was not indexed: ${error?.message ?? status}`);
    }
    this.#location = added.location;
    return added.location;
  }

  /** The library's entries, by path; `filter` as `query:vdfs.list_entries.v1` takes it. */
  entries(filter: Readonly<Record<string, unknown>> = {}): Promise<TestEntry[]> {
    return listEntries((method, input) => this.call(method, input), filter);
  }

  /** The entry at a path, relative to its location. */
  entry(path: string): Promise<TestEntry> {
    return findEntry((method, input) => this.call(method, input), path);
  }

  sidecars(entry: Pick<TestEntry, "id">): Promise<TestSidecar[]> {
    return listSidecars((method, input) => this.call(method, input), entry.id);
  }

  readSidecar(entry: Pick<TestEntry, "id">, filename: string): Promise<Buffer> {
    return readSidecar((method, input) => this.call(method, input), entry.id, filename);
  }

  /** What a JSON sidecar says. */
  async readJsonSidecar(entry: Pick<TestEntry, "id">, filename: string): Promise<unknown> {
    return parseJson((await this.readSidecar(entry, filename)).toString("utf8"), `sidecar ${filename}`);
  }

  /** What an extension logged, as text. */
  logged(extension: string = this.#first()): string[] {
    return this.logs.filter((line) => line.extension === extension).map((line) => line.message);
  }

  /** Loads the extension anew from its folder, as after a build; running jobs go on in the new one. */
  async reload(extension: string = this.#first()): Promise<void> {
    await this.#request({ kind: "reload", extension });
  }

  /**
   * Ends the host's process with SIGKILL: nothing is closed, flushed or told. `restart()` starts it again on what is on
   * disk.
   *
   * @throws SpacedriveError `CONFLICT` with `inProcess`.
   */
  async kill(): Promise<void> {
    const link = this.#requireLink();
    if (link.kill === null) {
      throw new SpacedriveError(
        "CONFLICT",
        "This test host runs in the test's own process (inProcess) and cannot be killed.",
      );
    }
    await link.kill();
    this.#linkEnded("The test host was killed.");
  }

  /**
   * Kills the host at the first update of a job that passes the test; answers that update. The job runs on until the
   * signal arrives, as it would for a crash.
   *
   * @throws SpacedriveError `CONFLICT` where the job ended before.
   */
  async killWhen(job: TestJob, test: (update: JobUpdate) => boolean): Promise<JobUpdate> {
    const update = await job.until((candidate) => !isEnd(candidate) && test(candidate));
    if (update === null) {
      throw new SpacedriveError(
        "CONFLICT",
        `Job ${job.id} ended before it came to where it was to be killed: give it more to do.`,
      );
    }
    await this.kill();
    return update;
  }

  /** Waits until the host does not run: until a fault has killed it, such as `{ fault: "kill", … }`. */
  async ended(): Promise<void> {
    await this.#link?.ended;
  }

  /** Starts the host again on the same library, after a kill, or after an orderly shutdown where it still runs. */
  async restart(): Promise<void> {
    if (this.#disposed) throw new SpacedriveError("CLOSED", "The test host is disposed.");
    await this.#link?.close();
    this.#linkEnded("The test host was restarted.");
    const { left, clockBackMs } = this.#plan;
    const faults = { plan: left, clockBackMs, log: this.#faultLog };
    const link = await this.#parts.open(faults, (event) => this.#receive(event));
    this.#link = link;
    void link.ended.then(() => {
      if (this.#link === link) this.#linkEnded("The test host was killed.");
    });
  }

  /** Closes the host and removes its folder. Harmless twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    try {
      // A host that was killed has nothing to clear.
      await this.faults.clear().catch(() => {});
      await this.#link?.close();
    } finally {
      this.#linkEnded("The test host is disposed.");
      await removeFolder(this.#parts.folder);
    }
  }

  async #request(request: HostRequest): Promise<unknown> {
    return this.#requireLink().request(request);
  }

  #requireLink(): HostLink {
    if (this.#link !== null) return this.#link;
    throw new SpacedriveError(
      "CLOSED",
      this.#disposed ? "The test host is disposed." : "The test host does not run: call restart().",
    );
  }

  #first(): string {
    const [first] = this.#parts.extensions;
    if (first === undefined)
      throw new SpacedriveError("EXTENSION_NOT_FOUND", "This test host was made without an extension.");
    return first;
  }

  #follow(id: string): UpdateStream {
    const link = this.#requireLink();
    this.#lastSubscription += 1;
    const subscription = this.#lastSubscription;
    const stream = new UpdateStream(() => {
      this.#streams.delete(subscription);
      // The host may be gone by now, and then nothing is sent any more.
      link.request({ kind: "unfollow", subscription }).catch(() => {});
    });
    this.#streams.set(subscription, stream);
    link.request({ kind: "follow", id, subscription }).catch((error: Error) => stream.end(error));
    return stream;
  }

  #receive(event: HostEvent): void {
    switch (event.type) {
      case "log":
        this.logs.push(event.line);
        return;
      case "update":
        this.#streams.get(event.subscription)?.push(event.update);
        return;
      case "updates-ended":
        this.#streams.get(event.subscription)?.end(event.error === null ? null : faultOf(event.error));
        this.#streams.delete(event.subscription);
        return;
      default:
        event satisfies never;
    }
  }

  #linkEnded(reason: string): void {
    this.#link = null;
    for (const stream of this.#streams.values()) stream.end(new SpacedriveError("CLOSED", reason));
    this.#streams.clear();
  }
}

function isEnd(update: JobUpdate): boolean {
  return update.status === "completed" || update.status === "failed" || update.status === "cancelled";
}
