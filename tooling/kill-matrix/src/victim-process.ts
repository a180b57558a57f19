import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseJson } from "@spacedrive/wire";
import { z } from "zod";
import type { Cut } from "./host/store-cuts.ts";
import type { VictimOrders } from "./host/victim-orders.ts";
import type { Scene } from "./scene.ts";

const VICTIM = fileURLToPath(new URL("host/victim.ts", import.meta.url));

/** When a process is killed from outside. */
export interface KillMoment {
  /** `start`: from the start of the process; `open`: once its host is open. */
  readonly from: "start" | "open";
  readonly afterMs: number;
}

export interface VictimOptions {
  readonly scene: Scene;
  /** Where it kills itself. Default: nowhere. */
  readonly cut?: Cut;
  /** When it is killed. Default: not at all. */
  readonly kill?: KillMoment;
  /** Where Node keeps what it has compiled: most of a short run is its start. */
  readonly compileCache: string;
  /** After this it is taken to hang. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export type VictimEnd =
  | { readonly kind: "killed" }
  /** It came to its end before, with so many operations of its stores by their place. */
  | {
      readonly kind: "finished";
      readonly counts: ReadonlyMap<string, number>;
      readonly openMs: number;
      readonly allMs: number;
    }
  | { readonly kind: "failed"; readonly problem: string };

/** The first line of a victim. */
const OPEN = "open\n";

const countsSchema = z.record(z.string(), z.int());

/** Starts a process that counts words on a scene, or goes on with it, and has it killed. */
export async function runVictim(options: VictimOptions): Promise<VictimEnd> {
  const { scene, cut, kill, compileCache, limitMs, signal } = options;
  const orders: VictimOrders = { scene, cut: cut ?? null };
  const began = performance.now();
  const child = spawn(process.execPath, [VICTIM, JSON.stringify(orders)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const closed = once(child, "close");
  const timers: NodeJS.Timeout[] = [];
  const strikeAfter = (ms: number): void => void timers.push(setTimeout(() => child.kill("SIGKILL"), ms));
  const strike = (): void => void child.kill("SIGKILL");
  signal.addEventListener("abort", strike, { once: true });
  let hung = false;
  timers.push(
    setTimeout(() => {
      hung = true;
      strike();
    }, limitMs),
  );
  if (kill?.from === "start") strikeAfter(kill.afterMs);
  let said = "";
  let openMs: number | null = null;
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    said += part;
    if (openMs !== null || !said.startsWith(OPEN)) return;
    openMs = performance.now() - began;
    if (kill?.from === "open") strikeAfter(kill.afterMs);
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => void (complaint += part));

  const [code, by]: unknown[] = await closed;
  const allMs = performance.now() - began;
  for (const timer of timers) clearTimeout(timer);
  signal.removeEventListener("abort", strike);
  if (hung) return { kind: "failed", problem: `it hung: it was not over after ${limitMs} ms` };
  if (by === "SIGKILL") return { kind: "killed" };
  if (code !== 0) return { kind: "failed", problem: `it ended with ${String(by ?? code)}: ${complaint}` };
  const counts = countsSchema.parse(parseJson(said.slice(OPEN.length), "what the victim counted"));
  return { kind: "finished", counts: new Map(Object.entries(counts)), openMs: openMs ?? allMs, allMs };
}
