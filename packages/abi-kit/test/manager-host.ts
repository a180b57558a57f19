import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createLibraryId,
  createWire,
  createWorkerEngine,
  grantWhatManifestAsks,
  type Guest,
  type GuestEngine,
  type GuestModule,
  type HostCalls,
  type Job,
  type JobCalls,
  JobManager,
  jobOperations,
  MemoryJobStore,
  PluginManager,
} from "@spacedrive/runtime";
import { parseJson } from "@spacedrive/wire";
import type { HostRun, HostUnderTest, Observation } from "../src/host/host-under-test.js";
import { limitsOf } from "../src/runtime/runtime-host.js";
import { ScriptedHost, ScriptedJob } from "../src/runtime/scripted-host.js";
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
  const returned: { code: number | null } = { code: null };
  await using inner = createWorkerEngine({ spareThreads: 0 });
  const interrupts = Promise.withResolvers<"pause" | "cancel">();
  const engine = observingEngine(inner, { script, step, returned, ask: (order) => interrupts.resolve(order) });
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
        ...(returned.code === null ? {} : { returned: returned.code }),
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

interface Watch {
  readonly script: ScriptedHost;
  readonly step: JobStep;
  readonly returned: { code: number | null };
  /** Orders an interrupt of the manager. */
  readonly ask: (order: "pause" | "cancel") => void;
}

function observingEngine(inner: GuestEngine, watch: Watch): GuestEngine {
  return {
    name: inner.name,
    async compile(...given): Promise<GuestModule> {
      const module = await inner.compile(...given);
      return {
        description: module.description,
        async start(host, options) {
          host.register({ kind: "job", name: "work", exportName: watch.step.export, resumable: true });
          return observingGuest(await module.start(observingHost(host, watch), options), watch);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function observingHost(host: HostCalls, { script }: Watch): HostCalls {
  return {
    call(request) {
      const { method, payload } = request;
      script.tell({ event: "call", method, library: request.library?.toLowerCase() ?? null, payload });
      return host.call(request);
    },
    log: (level, message) => host.log(level, message),
    register: (registration) => host.register(registration),
  };
}

function observingGuest(guest: Guest, { script, step, returned, ask }: Watch): Guest {
  let told = Promise.withResolvers<void>();
  const interruptWith = async (value: 0 | 1 | 2): Promise<void> => {
    if (value === 0) return;
    told = Promise.withResolvers<void>();
    ask(value === 1 ? "pause" : "cancel");
    await told.promise;
  };
  return {
    get alive() {
      return guest.alive;
    },
    call: (name, limits) => guest.call(name, limits),
    handle: (name, context, input, limits) => guest.handle(name, context, input, limits),
    async runJob(name, _context, state, calls, options) {
      const job = new ScriptedJob(step.job, script, (value) => void interruptWith(value));
      await interruptWith(step.interrupt ?? 0);
      script.enter(job);
      const context = JSON.stringify({ job_id: step.job, library_id: step.library });
      try {
        const exit = await guest.runJob(name, context, state, bothOf(job, calls), options);
        returned.code = exit.code;
        return exit;
      } finally {
        script.leave(job);
      }
    },
    setInterrupt(value) {
      guest.setInterrupt(value);
      told.resolve();
    },
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}

/** The script hears of everything, the manager does it. */
function bothOf(script: ScriptedJob, real: JobCalls): JobCalls {
  return {
    jobId: script.jobId,
    progress(fraction, message) {
      script.progress(fraction, message);
      real.progress(fraction, message);
    },
    async checkpoint(state) {
      return (await script.checkpoint(state)) && real.checkpoint(state);
    },
    warning(message) {
      script.warning(message);
      real.warning(message);
    },
    addBytes(count) {
      script.addBytes(count);
      real.addBytes(count);
    },
    addItems(count) {
      script.addItems(count);
      real.addItems(count);
    },
    fail(reason) {
      script.fail(reason);
      real.fail(reason);
    },
    complete(result) {
      script.complete(result);
      real.complete(result);
    },
  };
}
