import type { JobHandler } from "@spacedrive/jobs";
import type { Clock, Logger, Wire } from "@spacedrive/wire";
import type { GuestEngine } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import type { Decision } from "../permissions/decision.js";
import type { GrantsPolicy } from "../permissions/grants.js";
import type { IdleInstances } from "./idle-instances.js";
import type { InstancePlaces } from "./instance-places.js";
import type { RestartPolicy } from "./restart-policy.js";
import type { Turnstile } from "./turnstile.js";

/** The part of a `JobManager` by which an extension's jobs are registered. */
export interface JobRegistrar {
  /** `unregister` interrupts what runs, and resolves when nothing does. */
  register(type: string, handler: JobHandler): { unregister(): Promise<void> };
}

/** What every plugin of one manager shares. */
export interface PluginHost {
  readonly wire: Wire;
  /** Null: this host runs no jobs. */
  readonly jobs: JobRegistrar | null;
  /** By what a manifest's `engine` says. Null: this host has none. */
  readonly engines: { readonly wasm: GuestEngine; readonly wasi: GuestEngine | null };
  readonly grants: GrantsPolicy;
  readonly limits: GuestLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly idle: IdleInstances;
  readonly places: InstancePlaces;
  /** Bounds the instances that loads and unloads start at the same time. */
  readonly loads: Turnstile;
  readonly maxInstances: (extension: string) => number;
  readonly restart: (extension: string) => RestartPolicy;
  readonly maxQueuedCalls: number;
  readonly maxExtraInstances: number;
  readonly stallMs: number;
  readonly maxCallDepth: number;
  readonly cleanupTimeoutMs: number;
  readonly shutdownMs: number;
  /** Does not throw. */
  readonly onDecision: (decision: Decision) => void;
}
