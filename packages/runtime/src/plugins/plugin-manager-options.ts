import { type Clock, type Logger, SpacedriveError, steadyClock, type Wire } from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import { createWorkerEngine } from "../guest/worker/worker-engine.js";
import type { Decision } from "../permissions/decision.js";
import type { GrantsPolicy } from "../permissions/grants.js";
import { checkLimits, checkNumberOptions, type NumberOptions } from "./check-options.js";
import { IdleInstances } from "./idle-instances.js";
import { InstancePlaces } from "./instance-places.js";
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
  /**
   * Instances that work at the same time, of all extensions, in calls and jobs: what more is to do waits for a place, in turn, and
   * instances without work are given back first. Neither calls nor jobs get all of them, and the calls of one extension get half.
   * At least 2. Default 64: at rest 0.4 GB of threads, and with `limits.maxMemoryBytes` of memory each 16 GiB.
   * A job that waits for a place keeps its place among those that `JobManager` runs: let three quarters be no fewer than `maxRunning`.
   */
  readonly maxInstancesAtWork?: number;
  /** Instances by which an extension serves calls on one library side by side. Default 1: its calls run one after another. */
  readonly maxInstances?: number;
  /**
   * Instances that an extension may have beside those, for calls that hold an instance themselves: such a call never queues,
   * and answers `BUSY` where these are taken, too. Default 8.
   */
  readonly maxExtraInstances?: number;
  /**
   * Milliseconds: when calls queue and every instance that they could have has waited for an operation for so long, it may be for
   * one of those calls, by way of a job or another process. Then they get an extra instance, or answer `BUSY`. Default 2,000.
   */
  readonly stallMs?: number;
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

/** The places at which instances work, and the instances that have no work, which make room for those. */
function createPlaces(
  { idleMs, maxIdleInstances, maxInstancesAtWork, stallMs }: NumberOptions,
  clock: Clock,
): Pick<PluginHost, "idle" | "places"> {
  const places = new InstancePlaces({ max: maxInstancesAtWork, clock, stallMs, onTaken: () => idle.trim() });
  const idle = new IdleInstances(clock, idleMs, () => Math.min(maxIdleInstances, places.free));
  return { idle, places };
}

/**
 * What the plugins of a manager share, with the defaults filled in.
 *
 * @throws SpacedriveError `INVALID_INPUT` where a number among the options cannot be kept, or there is no grants policy.
 */
export function createPluginHost(options: PluginManagerOptions): Omit<PluginHost, "engines"> {
  const { wire, onDecision } = options;
  checkGrantsPolicy(options.grants);
  const logger = steadyLogger(options.logger ?? wire.logger);
  const clock = steadyClock(options.clock ?? wire.clock, logger);
  const numbers = checkNumberOptions(options);
  const { restart = { kind: "reload" }, extensions = {} } = options;
  // An extension may be called "constructor".
  const own = (id: string): ExtensionOptions | undefined =>
    Object.hasOwn(extensions, id) ? extensions[id] : undefined;
  const { maxQueuedCalls, maxExtraInstances, maxCallDepth, stallMs, cleanupTimeoutMs, shutdownMs } = numbers;
  return {
    wire,
    jobs: options.jobs ?? null,
    grants: options.grants,
    limits: checkLimits(options.limits ?? {}),
    logger,
    clock,
    ...createPlaces(numbers, clock),
    loads: new Turnstile(LOADS_AT_ONCE),
    maxInstances: (id) => own(id)?.maxInstances ?? numbers.maxInstances,
    restart: (id) => own(id)?.restart ?? restart,
    maxQueuedCalls,
    maxExtraInstances,
    stallMs,
    maxCallDepth,
    cleanupTimeoutMs,
    shutdownMs,
    onDecision: (decision) => {
      if (onDecision === undefined) return;
      steadily(
        () => onDecision(decision),
        (error) => logger.error({ extension: decision.extension, err: error }, "onDecision failed"),
      );
    },
  };
}

/** A program without types can leave it out. */
function checkGrantsPolicy(grants: unknown): void {
  if (typeof grants === "function") return;
  throw new SpacedriveError(
    "INVALID_INPUT",
    "PluginManager needs a grants policy, since nothing is allowed by default. Pass grants: grantWhatManifestAsks() for extensions that you have read, or grantOnly([...]).",
  );
}

/** The engine of a manager that was given none. */
export function createOwnEngine({ workerUrl, dynamicTiering }: PluginManagerOptions, clock: Clock): GuestEngine {
  return createWorkerEngine({
    clock,
    ...(workerUrl === undefined ? {} : { workerUrl }),
    ...(dynamicTiering === undefined ? {} : { dynamicTiering }),
  });
}
