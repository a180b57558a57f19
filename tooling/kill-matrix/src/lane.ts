import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { FinisherProcess } from "./finisher-process.ts";
import type { FinisherReply } from "./host/finisher-messages.ts";
import { type Scene, sceneIn } from "./scene.ts";
import { runVictim, type VictimEnd, type VictimOptions } from "./victim-process.ts";

export interface LaneOptions {
  /** Where its runs have their data directories. */
  readonly place: string;
  /** The folder whose words are counted. */
  readonly folder: string;
  /** After this a process is taken to hang. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** One run after another. Several lanes are at work at the same time. */
export class Lane implements AsyncDisposable {
  readonly #options: LaneOptions;
  readonly #finisher: FinisherProcess;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#finisher = new FinisherProcess(options.limitMs);
  }

  /** A data directory for a run, not there yet. */
  async open(name: string): Promise<Scene> {
    const place = this.#placeOf(name);
    await mkdir(place, { recursive: true });
    return sceneIn(place, this.#options.folder);
  }

  /** Removes what a run has left; or answers where it is, if that is to be kept. */
  async leave(name: string, keep: boolean): Promise<string | null> {
    const place = this.#placeOf(name);
    if (keep) return place;
    await rm(place, { recursive: true, force: true });
    return null;
  }

  /** Has a process go on with a run, and be killed. */
  run(scene: Scene, end: Pick<VictimOptions, "cut" | "kill">): Promise<VictimEnd> {
    const { limitMs, signal } = this.#options;
    const compileCache = join(this.#options.place, "compile-cache");
    return runVictim({ scene, limitMs, signal, compileCache, ...end });
  }

  check(scene: Scene): Promise<FinisherReply> {
    return this.#finisher.ask({ kind: "check", scene });
  }

  finish(scene: Scene): Promise<FinisherReply> {
    return this.#finisher.ask({ kind: "finish", scene });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#finisher[Symbol.asyncDispose]();
  }

  #placeOf(name: string): string {
    return join(this.#options.place, name);
  }
}
