import type { Guest, GuestEngine, GuestModule, HostCalls, JobCalls } from "@spacedrive/runtime";
import type { HostStep } from "../vectors/vector.js";
import { type ScriptedHost, ScriptedJob } from "./scripted-host.js";

export type JobStep = Extract<HostStep, { do: "job" }>;

/** Who is told of what happens between an engine and its host. */
export interface Watch {
  readonly script: ScriptedHost;
  /** The step whose job runs: the guest is given its ids. */
  readonly job: () => JobStep;
  /** What a job's export returned. */
  readonly onReturn: (code: number) => void;
  /** An interrupt that the script asks for, which the host is to order of the job. */
  readonly onOrder: (order: "pause" | "cancel") => void;
  /** A job that the module does not register by itself. */
  readonly registers?: { readonly name: string; readonly exportName: string };
}

/** An engine that tells a script of all that reaches the host, while the host does what it does. */
export function observeEngine(inner: GuestEngine, watch: Watch): GuestEngine {
  return {
    name: inner.name,
    async compile(...given): Promise<GuestModule> {
      const module = await inner.compile(...given);
      return {
        description: module.description,
        async start(host, options) {
          if (watch.registers !== undefined) host.register({ kind: "job", ...watch.registers, resumable: true });
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
    log(level, message) {
      script.log(level, message);
      host.log(level, message);
    },
    register: (registration) => host.register(registration),
  };
}

function observingGuest(guest: Guest, { script, job: scripted, onReturn, onOrder }: Watch): Guest {
  let told = Promise.withResolvers<void>();
  const interruptWith = async (value: 0 | 1 | 2): Promise<void> => {
    if (value === 0) return;
    told = Promise.withResolvers<void>();
    onOrder(value === 1 ? "pause" : "cancel");
    await told.promise;
  };
  return {
    get alive() {
      return guest.alive;
    },
    call: (name, limits) => guest.call(name, limits),
    handle: (name, context, input, limits) => guest.handle(name, context, input, limits),
    async runJob(name, _context, state, calls, options) {
      const step = scripted();
      const job = new ScriptedJob(step.job, script, step.interrupt ?? 0, (value) => void interruptWith(value));
      await interruptWith(step.interrupt ?? 0);
      script.enter(job);
      const context = JSON.stringify({ job_id: step.job, library_id: step.library });
      try {
        const exit = await guest.runJob(name, context, state, bothOf(job, calls), options);
        onReturn(exit.code);
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
