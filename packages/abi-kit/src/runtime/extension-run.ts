import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createWire,
  grantWhatManifestAsks,
  type GuestEngine,
  isSpacedriveError,
  type Job,
  JobManager,
  jobOperations,
  type JobStatus,
  type JobUpdate,
  type LibraryId,
  localUser,
  MemoryJobStore,
  parseLibraryId,
  PluginManager,
  SpacedriveError,
  toEnvelope,
  type Wire,
} from "@spacedrive/runtime";
import { fromEnvelope, isEnvelope, parseJson } from "@spacedrive/wire";
import type { HostRun, Observation } from "../host/host-under-test.js";
import { type HostStep, type VectorExtension, writeOut } from "../vectors/vector.js";
import { type JobStep, observeEngine } from "./observe-engine.js";
import { limitsOf } from "./run-limits.js";
import { ScriptedHost } from "./scripted-host.js";

type Value = Omit<Observation, "alive" | "events">;

const EXTENSION = "kit";
/** What a job's record says, as the kit says it. */
const OUTCOMES: Readonly<Record<JobStatus, string>> = {
  queued: "failed",
  running: "failed",
  completed: "completed",
  paused: "interrupted",
  cancelled: "interrupted",
  suspended: "suspended",
  failed: "failed",
};
/** What has not woken a job by then does not wake it. The timers of vectors are shorter by far. */
const SUSPENDED_FOR_MS = 500;
const CLEANUP_MS = 300;

/** Runs a vector that has a manifest with the whole of @spacedrive/runtime: PluginManager, JobManager, Wire. */
export async function runExtension(
  engine: GuestEngine,
  run: HostRun,
  manifest: VectorExtension,
): Promise<readonly Observation[]> {
  // Without a turn of the loop between the two: a signal may end the process at any.
  const root = mkdtempSync(join(tmpdir(), "abi-kit-"));
  const removeWithUs = (): void => rmSync(root, { recursive: true, force: true });
  process.once("exit", removeWithUs);
  try {
    await writeExtension(join(root, EXTENSION), run, manifest);
    await using bench = new ExtensionBench(root, engine, run, manifest);
    const observations: Observation[] = [];
    for (const step of run.steps) observations.push(await bench.make(step));
    return observations;
  } finally {
    await rm(root, { recursive: true, force: true });
    process.removeListener("exit", removeWithUs);
  }
}

async function writeExtension(folder: string, run: HostRun, manifest: VectorExtension): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, "guest.wasm"), run.wasm);
  const whole = {
    id: EXTENSION,
    name: EXTENSION,
    version: "1.0.0",
    wasm_file: "guest.wasm",
    permissions: { methods: ["query:", "action:"] },
    ...manifest,
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(whole));
  if (run.sourceMap !== undefined) await writeFile(join(folder, "guest.wasm.map"), run.sourceMap);
}

/** One run: an extension that is loaded, and what it has. */
class ExtensionBench implements AsyncDisposable {
  readonly #manifest: VectorExtension;
  readonly #script: ScriptedHost;
  readonly #wire: Wire;
  readonly #jobs: JobManager;
  readonly #plugins: PluginManager;
  readonly #libraries = new Set<LibraryId>();
  #job: JobStep | null = null;
  #returned: number | null = null;

  constructor(root: string, engine: GuestEngine, run: HostRun, manifest: VectorExtension) {
    const limits = limitsOf(run);
    this.#manifest = manifest;
    this.#script = new ScriptedHost(run.host, limits);
    this.#wire = createWire(this.#script.operations(), { libraries: { has: () => true } });
    this.#jobs = new JobManager({ wire: this.#wire, retryLimit: 1, shutdownMs: 500 });
    for (const operation of jobOperations(this.#jobs)) this.#wire.register(operation);
    this.#plugins = new PluginManager({
      dir: root,
      wire: this.#wire,
      jobs: this.#jobs,
      grants: grantWhatManifestAsks(),
      limits,
      cleanupTimeoutMs: CLEANUP_MS,
      engine: observeEngine(engine, {
        script: this.#script,
        job: () => this.#currentJob(),
        onReturn: (code) => void (this.#returned = code),
        onOrder: () => {},
      }),
    });
  }

  async make(step: HostStep): Promise<Observation> {
    let value: Value;
    try {
      value = await this.#perform(step);
    } catch (thrown) {
      const { code, error } = toEnvelope(thrown);
      value = { error: code, message: isSpacedriveError(thrown) ? error : String(thrown) };
    }
    return { ...value, alive: this.#plugins.get(EXTENSION) !== null, events: this.#script.takeEvents() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#plugins.close();
    await this.#jobs.close();
  }

  async #perform(step: HostStep): Promise<Value> {
    switch (step.do) {
      case "start":
        await this.#plugins.load(EXTENSION);
        return {};
      case "call": {
        const returned = await this.#plugins.call(EXTENSION, step.export);
        return { returned: Number(returned ?? 0) };
      }
      case "handle":
        return { answer: await this.#handle(step) };
      case "job":
        return this.#runJob(step);
      case "unload":
        await this.#plugins.unload(EXTENSION);
        return {};
      default:
        return step satisfies never;
    }
  }

  async #handle(step: Extract<HostStep, { do: "handle" }>): Promise<string> {
    const operation = this.#manifest.operations?.find((one) => one.export === step.export);
    if (operation === undefined) throw new SpacedriveError("NOT_FOUND", `No operation has the export ${step.export}.`);
    const { kind, name, version } = operation;
    const method = `${kind}:${EXTENSION}:${name}.${kind === "query" ? "" : "input."}v${version}`;
    const answer = await this.#wire.callJson(method, writeOut(step.input), {
      caller: localUser,
      library: step.library === null ? null : parseLibraryId(step.library),
    });
    const parsed = parseJson(answer, "an answer of Wire");
    if (isEnvelope(parsed)) throw fromEnvelope(parsed);
    return answer;
  }

  async #runJob(step: JobStep): Promise<Value> {
    const name = this.#manifest.jobs?.find((one) => one.export === step.export)?.name;
    if (name === undefined) throw new SpacedriveError("NOT_FOUND", `No job has the export ${step.export}.`);
    const library = parseLibraryId(step.library);
    if (!this.#libraries.has(library)) await this.#jobs.attach(library, new MemoryJobStore());
    this.#libraries.add(library);
    this.#job = step;
    this.#returned = null;
    const text = writeOut(step.state);
    const state = text === "" ? undefined : parseJson(text, "the state");
    const job = await this.#jobs.dispatch(`${EXTENSION}:${name}`, state, { library });
    const outcome = OUTCOMES[await this.#statusAfterward(job)];
    const keptWarnings = (await job.record()).warnings.length;
    return { ...(this.#returned === null ? {} : { returned: this.#returned }), outcome, keptWarnings };
  }

  /** What the job is once it has ended, is paused, or sleeps on with nothing else at work. */
  async #statusAfterward(job: Job): Promise<JobStatus> {
    const updates = job.updates()[Symbol.asyncIterator]();
    let status: JobStatus = "queued";
    let next = updates.next();
    for (;;) {
      const update: IteratorResult<JobUpdate> | null = status === "suspended" ? await withinTime(next) : await next;
      if (update === null) {
        const others = await this.#jobs.list({ status: ["queued", "running"] });
        if (others.length === 0) return status;
        continue;
      }
      if (update.done === true) return (await job.done()).status;
      status = update.value.status;
      if (status === "paused") return status;
      next = updates.next();
    }
  }

  #currentJob(): JobStep {
    if (this.#job === null) throw new SpacedriveError("INTERNAL", "A job runs that no step has begun.");
    return this.#job;
  }
}

async function withinTime<T>(work: Promise<T>): Promise<T | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), SUSPENDED_FOR_MS);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
