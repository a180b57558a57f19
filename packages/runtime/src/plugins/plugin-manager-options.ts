import type { Clock, Logger, Wire } from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import { createWorkerEngine } from "../guest/worker/worker-engine.js";
import type { Decision } from "../permissions/decision.js";
import type { GrantsPolicy } from "../permissions/grants.js";
import { IdleInstances } from "./idle-instances.js";
import type { JobRegistrar, PluginHost } from "./plugin-host.js";
import type { RestartPolicy } from "./restart-policy.js";
import { steadily, steadyLogger } from "./steady-logger.js";
import { Turnstile } from "./turnstile.js";

/** What can be set for one extension, in place of what holds for all. */
export interface ExtensionOptions {
  readonly maxInstances?: number;
  readonly restart?: RestartPolicy;
}

export interface PluginManagerOptions {
  /** Folder of the extensions: `load("finance")` looks in its folder `finance`. */
  readonly dir: string;
  /** Where extensions call operations, and register their own. */
  readonly wire: Wire;
  /** Runs extensions' jobs, such as a `JobManager`. Without it extensions that have jobs are refused. */
  readonly jobs?: JobRegistrar;
  /** Decides what each extension is granted. Required: nothing is allowed by default. */
  readonly grants: GrantsPolicy;
  /** Default: the wire's, which is silent by default. */
  readonly logger?: Logger;
  /** What bounds each guest; a manifest can only lower its memory. Default: {@link DEFAULT_GUEST_LIMITS}. */
  readonly limits?: Partial<GuestLimits>;
  /** Runs the guests; the manager does not close it. Default: a worker engine of its own. */
  readonly engine?: GuestEngine;
  /**
   * Further engines, by what a manifest's `engine` says. Whoever made one closes it; one that is not closed keeps no process alive.
   * Default: none.
   */
  readonly engines?: { readonly wasi?: GuestEngine };
  /** Where a bundler has put the worker of the default engine. */
  readonly workerUrl?: URL;
  /** True declines the process-wide V8 flag that makes every guest killable; see the README. Default false. */
  readonly dynamicTiering?: boolean;
  /** Told of every decision on a call of an extension: an audit log. */
  readonly onDecision?: (decision: Decision) => void;
  /** The limits of a guest's own work, `limits.callTimeoutMs` and `initTimeoutMs`, are of real time. Default: the wire's. */
  readonly clock?: Clock;
  /** Milliseconds for which an instance without work is kept. Default 60,000. */
  readonly idleMs?: number;
  /** Instances without work that are kept, of all extensions together; of more the oldest are given back. Default 32. */
  readonly maxIdleInstances?: number;
  /** Instances by which an extension serves calls on one library side by side. Default 1: its calls run one after another. */
  readonly maxInstances?: number;
  /**
   * Instances that an extension may have beside those, for calls that hold an instance themselves: such a call never queues,
   * and answers `BUSY` where these are taken, too. Default 8.
   */
  readonly maxExtraInstances?: number;
  /** Calls of extensions that may wait for one another; one deeper answers `BUSY`. Default 8. */
  readonly maxCallDepth?: number;
  /** What follows on a guest's fault in a call. Default: `reload`, with its defaults. */
  readonly restart?: RestartPolicy;
  /** By extension id: what differs for it. */
  readonly extensions?: Readonly<Record<string, ExtensionOptions>>;
  /** Calls that may wait for one instance; one more answers `BUSY`. Default 256. */
  readonly maxQueuedCalls?: number;
  /** Milliseconds that `plugin_cleanup` may take. Default 2,000. */
  readonly cleanupTimeoutMs?: number;
  /** Milliseconds that calls to a version which was replaced have to end. Default 5,000. */
  readonly shutdownMs?: number;
}

/** Each takes a thread while it lasts. */
const LOADS_AT_ONCE = 8;

/** What the plugins of a manager share, with the defaults filled in. */
export function createPluginHost(options: PluginManagerOptions, engine: GuestEngine): PluginHost {
  const { wire, onDecision } = options;
  const logger = steadyLogger(options.logger ?? wire.logger);
  const clock = options.clock ?? wire.clock;
  const { maxInstances = 1, restart = { kind: "reload" }, extensions = {} } = options;
  // An extension may be called "constructor".
  const own = (id: string): ExtensionOptions | undefined =>
    Object.hasOwn(extensions, id) ? extensions[id] : undefined;
  return {
    wire,
    jobs: options.jobs ?? null,
    engines: { wasm: engine, wasi: options.engines?.wasi ?? null },
    grants: options.grants,
    limits: { ...DEFAULT_GUEST_LIMITS, ...options.limits },
    logger,
    clock,
    idle: new IdleInstances(clock, options.idleMs ?? 60_000, options.maxIdleInstances ?? 32),
    loads: new Turnstile(LOADS_AT_ONCE),
    maxInstances: (id) => Math.max(1, own(id)?.maxInstances ?? maxInstances),
    restart: (id) => own(id)?.restart ?? restart,
    maxQueuedCalls: options.maxQueuedCalls ?? 256,
    maxExtraInstances: options.maxExtraInstances ?? 8,
    maxCallDepth: options.maxCallDepth ?? 8,
    cleanupTimeoutMs: options.cleanupTimeoutMs ?? 2_000,
    shutdownMs: options.shutdownMs ?? 5_000,
    onDecision: (decision) => {
      if (onDecision === undefined) return;
      steadily(
        () => onDecision(decision),
        (error) => logger.error({ extension: decision.extension, err: error }, "onDecision failed"),
      );
    },
  };
}

/** The engine of a manager that was given none. */
export function createOwnEngine({ wire, clock, workerUrl, dynamicTiering }: PluginManagerOptions): GuestEngine {
  return createWorkerEngine({
    clock: clock ?? wire.clock,
    ...(workerUrl === undefined ? {} : { workerUrl }),
    ...(dynamicTiering === undefined ? {} : { dynamicTiering }),
  });
}
