import {
  createWorkerEngine,
  type Guest,
  type GuestEngine,
  type GuestModule,
  isSpacedriveError,
  SpacedriveError,
  toEnvelope,
} from "@spacedrive/runtime";
import type { HostRun, HostUnderTest, Observation } from "../host/host-under-test.js";
import { type HostStep, writeOut } from "../vectors/vector.js";
import { runExtension } from "./extension-run.js";
import { limitsOf } from "./run-limits.js";
import { ScriptedHost, ScriptedJob } from "./scripted-host.js";

/** @spacedrive/runtime as a host under test: its worker engine, the operations on Wire, the rest as the vector scripts it. */
export function createRuntimeHost(createEngine: () => GuestEngine = createWorkerEngine): HostUnderTest {
  const engine = createEngine();
  return {
    name: `@spacedrive/runtime (${engine.name} engine)`,
    async run(run: HostRun): Promise<readonly Observation[]> {
      if (run.manifest !== undefined) return runExtension(engine, run, run.manifest);
      await using bench = new RunBench(engine, run);
      const observations: Observation[] = [];
      for (const step of run.steps) observations.push(await bench.make(step));
      return observations;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

type Value = Omit<Observation, "alive" | "events">;

/** One run: a host, a module and its live instance. */
class RunBench implements AsyncDisposable {
  readonly #engine: GuestEngine;
  readonly #run: HostRun;
  readonly #host: ScriptedHost;
  #module: GuestModule | null = null;
  #guest: Guest | null = null;

  constructor(engine: GuestEngine, run: HostRun) {
    this.#engine = engine;
    this.#run = run;
    this.#host = new ScriptedHost(run.host, limitsOf(run));
  }

  async make(step: HostStep): Promise<Observation> {
    let value: Value;
    try {
      value = await this.#perform(step);
    } catch (thrown) {
      const { code, error } = toEnvelope(thrown);
      value = { error: code, message: isSpacedriveError(thrown) ? error : String(thrown) };
    }
    return { ...value, alive: this.#guest?.alive ?? false, events: this.#host.takeEvents() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#guest?.[Symbol.asyncDispose]();
  }

  async #perform(step: HostStep): Promise<Value> {
    if (step.do === "start") {
      await this.#guest?.[Symbol.asyncDispose]();
      await this.#start();
      return {};
    }
    const guest = this.#guest?.alive === true ? this.#guest : await this.#start();
    switch (step.do) {
      case "call":
        return { returned: await guest.call(step.export) };
      case "handle": {
        const context = JSON.stringify({ library_id: step.library, caller: step.caller });
        return { answer: await guest.handle(step.export, context, writeOut(step.input)) };
      }
      case "job":
        return this.#runJob(guest, step);
      case "unload":
        throw new SpacedriveError("INVALID_INPUT", "Only an extension, with a manifest, can be unloaded.");
      default:
        return step satisfies never;
    }
  }

  async #start(): Promise<Guest> {
    this.#guest = null;
    const { vector, wasm, sourceMap } = this.#run;
    const beside = sourceMap === undefined ? {} : { sourceMap };
    this.#module ??= await this.#engine.compile(vector, wasm, limitsOf(this.#run), beside);
    this.#guest = await this.#module.start(this.#host);
    return this.#guest;
  }

  async #runJob(guest: Guest, step: Extract<HostStep, { do: "job" }>): Promise<Value> {
    const context = JSON.stringify({ job_id: step.job, library_id: step.library });
    const interrupt = step.interrupt ?? 0;
    const job = new ScriptedJob(step.job, this.#host, interrupt, (value) => guest.setInterrupt(value));
    guest.setInterrupt(interrupt);
    this.#host.enter(job);
    try {
      const { code, sawInterrupt } = await guest.runJob(step.export, context, writeOut(step.state), job);
      return { returned: code, outcome: job.outcomeOf(code, sawInterrupt) };
    } finally {
      this.#host.leave(job);
    }
  }
}

/** For `--adapter`. @throws SpacedriveError where the runtime's worker cannot be found. */
export function createHost(): HostUnderTest {
  return createRuntimeHost();
}
