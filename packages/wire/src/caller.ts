import type { JobId, LibraryId } from "./ids.js";

/** The job on whose behalf a call is made. */
export interface JobIdentity {
  readonly id: JobId;
  /** `<extension>:<job>`, or a native job's type. */
  readonly type: string;
  /** Counts the claims of this job, from 1. */
  readonly attempt: number;
  /** Where it lies. What it reads there it may act on before that is durable: whatever it does is so later. */
  readonly library: LibraryId;
}

/** Who makes a call. The dispatcher asks the gate of that caller, whoever it is. */
export type Caller =
  /** The person at this machine: the CLI, the integrator's own code. Everything is allowed. */
  | { readonly kind: "user" }
  /** Somebody over a network. Nothing is allowed unless `createWire` was given a gate for remote callers. */
  | { readonly kind: "remote"; readonly client: string }
  /** An extension, and the job that it runs, if any. Nothing is allowed beyond its grants. */
  | { readonly kind: "extension"; readonly extension: string; readonly job?: JobIdentity }
  /** A native TypeScript job: the host's own code. Everything is allowed. */
  | { readonly kind: "job"; readonly job: JobIdentity };

export const localUser: Caller = { kind: "user" };

/** A caller in a few characters, for messages and logs: `"finance"`, `job finance:import`, `the local user`. */
export function describeCaller(caller: Caller): string {
  switch (caller.kind) {
    case "user":
      return "the local user";
    case "remote":
      return `remote client "${caller.client}"`;
    case "extension":
      return `"${caller.extension}"`;
    case "job":
      return `job "${caller.job.type}"`;
    default:
      return caller satisfies never;
  }
}

/** The job a call belongs to, or null. */
export function jobOf(caller: Caller): JobIdentity | null {
  return caller.kind === "extension" || caller.kind === "job" ? (caller.job ?? null) : null;
}
