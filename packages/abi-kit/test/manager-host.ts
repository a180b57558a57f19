import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLibraryId,
  createWire,
  createWorkerEngine,
  grantWhatManifestAsks,
  type Job,
  JobManager,
  jobOperations,
  MemoryJobStore,
  PluginManager,
} from "@spacedrive/runtime";
import { parseJson } from "@spacedrive/wire";
import type { HostRun, HostUnderTest, Observation } from "../src/host/host-under-test.js";
import { observeEngine } from "../src/runtime/observe-engine.js";
import { limitsOf } from "../src/runtime/run-limits.js";
import { ScriptedHost } from "../src/runtime/scripted-host.js";
import { type HostStep, writeOut } from "../src/vectors/vector.js";

type JobStep = Extract<HostStep, { do: "job" }>;

const EXTENSION = "kit";
/** What a job's record says, as the kit says it. A failed attempt that is to be tried again has failed. */
const OUTCOMES: Readonly<Record<string, string>> = {
  completed: "completed",
  paused: "interrupted",
  cancelled: "interrupted",
  suspended: "suspended",
  queued: "failed",
  failed: "failed",
};

/**
 * The whole of @spacedrive/runtime under a job: PluginManager, JobManager, the real executor and checkpoints. It runs
 * vectors of one job, whose outcome it reads from the job's record. The engine between tells the manager of a job that the
 * module did not register, and the guest the id that the vector scripts.
 */
export function createManagerHost(): HostUnderTest {
  return {
    name: "@spacedrive/runtime (plugin and job manager)",
    async run(run: HostRun): Promise<readonly Observation[] | string> {
      const [start, step] = run.steps;
      if (run.steps.length !== 2 || start?.do !== "start" || step?.do !== "job") return "it is not one job";
      return runJob(run, step);
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function runJob(run: HostRun, step: JobStep): Promise<readonly Observation[]> {
  const root = await mkdtemp(join(tmpdir(), "abi-kit-"));
  const script = new ScriptedHost(run.host, limitsOf(run));
  const library = createLibraryId();
  const wire = createWire([], { libraries: { has: () => true } });
  for (const operation of script.operations()) {
    // The job manager has its own.
    if (operation.name !== "jobs.wake_when") wire.register(operation);
  }
  const jobs = new JobManager({ wire, retryLimit: 1, interruptDeadlineMs: 5_000, shutdownMs: 500 });
  for (const operation of jobOperations(jobs)) wire.register(operation);
  let returned: number | null = null;
  await using inner = createWorkerEngine({ spareThreads: 0 });
  const interrupts = Promise.withResolvers<"pause" | "cancel">();
  const engine = observeEngine(inner, {
    script,
    job: () => step,
    onReturn: (code) => void (returned = code),
    onOrder: (order) => interrupts.resolve(order),
    registers: { name: "work", exportName: step.export },
  });
  const plugins = new PluginManager({
    dir: root,
    wire,
    jobs,
    grants: grantWhatManifestAsks(),
    engine,
    limits: limitsOf(run),
  });
  try {
    await jobs.attach(library, new MemoryJobStore());
    await mkdir(join(root, EXTENSION));
    await writeFile(join(root, EXTENSION, "guest.wasm"), run.wasm);
    const manifest = {
      id: EXTENSION,
      name: EXTENSION,
      version: "1.0.0",
      wasm_file: "guest.wasm",
      jobs: [{ name: "work", export: step.export, resumable: true }],
      permissions: { methods: ["query:", "action:"] },
    };
    await writeFile(join(root, EXTENSION, "manifest.json"), JSON.stringify(manifest));
    await plugins.load(EXTENSION);
    const text = writeOut(step.state);
    const state = text === "" ? undefined : parseJson(text, "the state");
    const job = await jobs.dispatch(`${EXTENSION}:work`, state, { library });
    void interrupts.promise.then((order) => jobs[order](job.id));
    const status = await statusAfterward(job);
    const outcome = OUTCOMES[status] ?? status;
    return [
      { alive: true, events: [] },
      {
        ...(returned === null ? {} : { returned }),
        outcome,
        alive: true,
        events: script.takeEvents(),
      },
    ];
  } finally {
    await plugins.close();
    await jobs.close();
    await rm(root, { recursive: true, force: true });
  }
}

/** What the job is once it runs no more. */
async function statusAfterward(job: Job): Promise<string> {
  for await (const { status } of job.updates()) {
    if (status !== "queued" && status !== "running") return status;
  }
  return (await job.done()).status;
}
