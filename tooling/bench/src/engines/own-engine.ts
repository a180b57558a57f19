import { createWasiEngine } from "@spacedrive/engine-wasmer";
import {
  createWorkerEngine,
  DEFAULT_GUEST_LIMITS,
  type Guest,
  type GuestEngine,
  type HostCalls,
} from "@spacedrive/runtime";
import { compileGuest } from "../compile-guest.ts";
import type { GuestOperation, LiveGuest, OwnEngineName, PrepareEngine } from "./engine.ts";

const CONTEXT = JSON.stringify({ library_id: "0a0b0c0d-0e0f-4001-8203-0405060708ff", caller: "bench" });

export interface OwnEngineOptions {
  readonly spareThreads?: number;
}

export function createOwnEngine(name: OwnEngineName, options: OwnEngineOptions = {}): GuestEngine {
  return name === "core" ? createWorkerEngine(options) : createWasiEngine({ ...options, transport: name });
}

/** The guest that each engine runs. */
export function guestOf(name: OwnEngineName): "bench-command" | "bench-extension" {
  return name === "core" ? "bench-extension" : "bench-command";
}

/** An engine of ours at its port: no Wire, no gate, no schemas. */
export function ownEngine(name: OwnEngineName, options: OwnEngineOptions = {}): PrepareEngine {
  return async () => {
    const bytes = await compileGuest(guestOf(name));
    return async () => {
      const engine = createOwnEngine(name, options);
      const module = await engine.compile("bench", bytes, DEFAULT_GUEST_LIMITS);
      return {
        start: async (onCall = () => {}) => liveGuest(name, await module.start(hostThatTells(onCall))),
        [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
      };
    };
  };
}

function hostThatTells(onCall: () => void): HostCalls {
  return {
    call: async ({ payload }) => {
      onCall();
      return payload;
    },
    log() {},
    register: () => true,
  };
}

function liveGuest(name: OwnEngineName, guest: Guest): LiveGuest {
  const exportOf = (operation: GuestOperation): string => (name === "core" ? `query_${operation}_v1` : operation);
  return {
    handle: (operation, input) => guest.handle(exportOf(operation), CONTEXT, input),
    async stopLoop(limitMs) {
      const from = performance.now();
      await expectTimeout(guest, "loop", limitMs);
      // It answers at once; gone is its thread a little later.
      await guest[Symbol.asyncDispose]();
      return performance.now() - from - limitMs;
    },
    [Symbol.asyncDispose]: () => guest[Symbol.asyncDispose](),
  };
}

/** Calls an export that never ends. */
export async function expectTimeout(guest: Guest, exportName: string, timeoutMs: number): Promise<void> {
  const code = await guest.call(exportName, { timeoutMs }).then(
    () => "no error",
    (error: unknown) => (typeof error === "object" && error !== null && "code" in error ? error.code : error),
  );
  if (code !== "TIMEOUT") throw new Error(`the bomb "${exportName}" ended with ${String(code)}`);
}
