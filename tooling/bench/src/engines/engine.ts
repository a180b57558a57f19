/** The ways to run a guest that stand side by side in the table of engines. */
export const ENGINES = ["shim", "node:wasi", "wasmer", "@wasmer/sdk", "core"] as const;
export type EngineName = (typeof ENGINES)[number];

/** Both transports of the WASI engine, and the default engine. */
export type OwnEngineName = "shim" | "wasmer" | "core";

/** What a bench's guest can be asked: the same of `guests/bench-command.wat` and `guests/bench-extension.wat`. */
export type GuestOperation = "echo" | "ping_loop" | "ping_large_loop";

/** An instance that has started: it answers. */
export interface LiveGuest extends AsyncDisposable {
  /** `input` and what it answers are JSON text. */
  handle(operation: GuestOperation, input: string): Promise<string>;
  /** Lets it loop for ever, and stops it when the limit is over: the milliseconds from then until its thread is gone. */
  stopLoop(limitMs: number): Promise<number>;
}

/** An engine with the bench's module loaded: it can be started again and again. */
export interface LoadedEngine extends AsyncDisposable {
  /** `onCall` hears each call of the guest to the host, whose answer is the payload. */
  start(onCall?: () => void): Promise<LiveGuest>;
}

/** Reads code and module, and starts nothing; what it answers loads the module. */
export type PrepareEngine = () => Promise<() => Promise<LoadedEngine>>;
