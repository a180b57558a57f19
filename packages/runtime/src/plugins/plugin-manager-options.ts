import type { Clock, Logger, Wire } from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import { createWorkerEngine } from "../guest/worker/worker-engine.js";
import type { Decision } from "../permissions/decision.js";
import type { GrantsPolicy } from "../permissions/grants.js";
import type { JobRegistrar, PluginHost } from "./plugin-host.js";

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
  /** Further engines, by what a manifest's `engine` says; the manager does not close them. Default: none. */
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
  /** Calls that may wait for one instance; one more answers `BUSY`. Default 256. */
  readonly maxQueuedCalls?: number;
  /** Milliseconds that `plugin_cleanup` may take. Default 2,000. */
  readonly cleanupTimeoutMs?: number;
  /** Milliseconds that calls to a version which was replaced have to end. Default 5,000. */
  readonly shutdownMs?: number;
}

/** Calls of extensions to an extension inside one another; enough for any honest nesting. */
const MAX_NESTED_CALLS = 8;

/** What the plugins of a manager share, with the defaults filled in. */
export function createPluginHost(options: PluginManagerOptions, engine: GuestEngine): PluginHost {
  const { wire, onDecision } = options;
  const logger = options.logger ?? wire.logger;
  return {
    wire,
    jobs: options.jobs ?? null,
    engines: { wasm: engine, wasi: options.engines?.wasi ?? null },
    grants: options.grants,
    limits: { ...DEFAULT_GUEST_LIMITS, ...options.limits },
    logger,
    clock: options.clock ?? wire.clock,
    idleMs: options.idleMs ?? 60_000,
    maxQueuedCalls: options.maxQueuedCalls ?? 256,
    maxNestedCalls: MAX_NESTED_CALLS,
    cleanupTimeoutMs: options.cleanupTimeoutMs ?? 2_000,
    shutdownMs: options.shutdownMs ?? 5_000,
    onDecision: (decision) => {
      try {
        onDecision?.(decision);
      } catch (error) {
        logger.error({ extension: decision.extension, err: error }, "onDecision failed");
      }
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
