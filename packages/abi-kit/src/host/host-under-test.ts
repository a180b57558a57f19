import type {
  HostScript,
  HostStep,
  VectorEngine,
  VectorExtension,
  VectorLimits,
  VectorNeed,
} from "../vectors/vector.js";

/** One vector, as a host is given it. Texts are written out. */
export interface HostRun {
  /** The vector's id, to be named in messages. */
  readonly vector: string;
  /** The manifest's `engine`: `wasm` speaks the ABI, `wasi` is a command that speaks docs/wasi-protocol.md. */
  readonly engine: VectorEngine;
  /** What the host must see for it that not every transport of WASI guests shows. A host that does not may skip it. */
  readonly needs: readonly VectorNeed[];
  readonly wasm: Uint8Array;
  /** Limits that the host must have for this run; all others have their defaults. */
  readonly limits: VectorLimits;
  /** What the host answers to the guest. */
  readonly host: HostScript;
  readonly steps: readonly HostStep[];
  /** What the manifest says of jobs and operations; left out: the module alone is the matter. */
  readonly manifest?: VectorExtension | undefined;
  /** JSON text that lies beside the module as its source map. */
  readonly sourceMap?: string | undefined;
}

/** What reached the host's side of the ABI, in the order in which it did. */
export type ObservedEvent =
  | { readonly event: "log"; readonly level: string; readonly message: string }
  | {
      readonly event: "call";
      readonly method: string;
      /** UUID text in lower case; null where none was named. */
      readonly library: string | null;
      readonly payload: string;
    }
  | {
      readonly event: "register";
      readonly kind: string;
      readonly name: string;
      readonly export: string;
      readonly resumable?: boolean;
    }
  | { readonly event: "progress"; readonly fraction: number; readonly message: string }
  | { readonly event: "checkpoint"; readonly state: string }
  | { readonly event: "warning"; readonly message: string }
  | { readonly event: "fail"; readonly reason: string }
  | { readonly event: "complete"; readonly result: string }
  /** Once a step, last, and only where there is something: the total as a decimal number. */
  | { readonly event: "items" | "bytes"; readonly total: string };

/** What one step came to. */
export interface Observation {
  /** Code of the error that it ended with. Left out: it succeeded. */
  readonly error?: string;
  /** The error's message. */
  readonly message?: string;
  /** What a bare export returned (0 for nothing), or a job's export. */
  readonly returned?: number;
  /** The text that an operation's block held. */
  readonly answer?: string;
  /** What a job's return means to the host: `completed`, `interrupted`, `failed` or `suspended`. */
  readonly outcome?: string;
  /** How many warnings the host keeps with the job: where there is a manifest. */
  readonly keptWarnings?: number;
  /** Whether the instance can be used for another step; where there is a manifest, whether the extension is loaded. */
  readonly alive: boolean;
  readonly events: readonly ObservedEvent[];
}

/**
 * A host that is to be proved: a small adapter over it. Each run has a host of its own: nothing of the run before may be
 * left. `start` checks, compiles and starts; a later step on an instance that has ended begins with a fresh one.
 *
 * A call that reaches the host's operations is an event, whatever it is answered; a method that the script lacks is
 * `NOT_FOUND`, a payload that is not JSON `INVALID_INPUT`. A checkpoint is an event where its state is JSON; where it is
 * not, the host refuses it.
 */
export interface HostUnderTest extends AsyncDisposable {
  /** For the report. */
  readonly name: string;
  /**
   * Runs the steps one by one, and answers one observation for each; after a failed `start` the steps that follow may be
   * left out. A text instead of observations says why this host cannot run the vector: it is then listed as skipped.
   */
  run(run: HostRun): Promise<readonly Observation[] | string>;
}
