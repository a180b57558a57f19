import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cutRun, cutsOf, nameOf } from "./every-operation.ts";
import { generateFolder } from "./generate-folder.ts";
import { Lane } from "./lane.ts";
import type { MatrixOptions } from "./matrix-options.ts";
import type { Failure, MatrixProgress, MatrixReport } from "./matrix-report.ts";
import { killRound } from "./random-kills.ts";
import { makeReference, type Reference } from "./reference.ts";

/** Generous: a machine may be busy, and what hangs hangs for ever. */
const LIMIT_MS = { least: 120_000, perFile: 1_000 };

export interface MatrixRun {
  readonly onProgress?: (progress: MatrixProgress) => void;
  readonly onFailure?: (failure: Failure) => void;
  /** Ends it where it is; the report has what was done until then. */
  readonly signal?: AbortSignal;
}

/** Kills word-count everywhere, and tells what was then not as if nothing had been. */
export async function runMatrix(options: MatrixOptions, run: MatrixRun = {}): Promise<MatrixReport> {
  const place = await mkdtemp(join(tmpdir(), "kill-matrix-"));
  const matrix = new Matrix(options, run, place);
  try {
    if (options.parts.includes("every")) await matrix.cutEverywhere();
    if (options.parts.includes("random")) await matrix.killAtRandom();
    return matrix.report;
  } finally {
    if (matrix.report.failures.every(({ kept }) => kept === null)) await rm(place, { recursive: true, force: true });
  }
}

class Matrix {
  readonly #options: MatrixOptions;
  readonly #place: string;
  readonly #signal: AbortSignal;
  readonly #run: MatrixRun;
  readonly #failures: Failure[] = [];
  #operations: ReadonlyMap<string, number> = new Map();
  #cuts = 0;
  #missed = 0;
  #rounds = 0;
  #kills = 0;
  #killsAtStart = 0;

  constructor(options: MatrixOptions, run: MatrixRun, place: string) {
    this.#options = options;
    this.#run = run;
    this.#place = place;
    this.#signal = run.signal ?? new AbortController().signal;
  }

  get report(): MatrixReport {
    return {
      operations: this.#operations,
      cuts: this.#cuts,
      missed: this.#missed,
      rounds: this.#rounds,
      kills: this.#kills,
      killsAtStart: this.#killsAtStart,
      failures: this.#failures,
    };
  }

  /** Part 1: at every operation of the stores in turn. */
  async cutEverywhere(): Promise<void> {
    const { seed, cutFiles, cut: only, keep } = this.#options;
    await this.#inLanes("cuts", cutFiles, async (lanes, reference) => {
      this.#operations = reference.operations;
      const cuts = only === null ? cutsOf(reference.operations) : [only];
      let next = 0;
      let done = 0;
      await this.#share(lanes, async (lane) => {
        const cut = cuts[next++];
        if (cut === undefined) return false;
        const { missed, problems, kept } = await cutRun(lane, cut, reference, keep);
        if (this.#signal.aborted) return false;
        if (missed) this.#missed++;
        else this.#cuts++;
        this.#judge({ repeat: `--seed ${seed} --cut-files ${cutFiles} --cut "${nameOf(cut)}"`, problems, kept });
        this.#tell("every operation", ++done, cuts.length);
        return true;
      });
    });
  }

  /** Part 2: at random moments, several times in each run. */
  async killAtRandom(): Promise<void> {
    const { seed, files, kills, round: only, keep } = this.#options;
    await this.#inLanes("rounds", files, async (lanes, reference) => {
      let next = 0;
      await this.#share(lanes, async (lane) => {
        if (only === null ? this.#kills >= kills : next > 0) return false;
        next++;
        const round = only ?? next;
        const result = await killRound(lane, round, seed, reference, keep);
        if (this.#signal.aborted) return false;
        this.#rounds++;
        this.#kills += result.kills;
        this.#killsAtStart += result.killsAtStart;
        const { problems, kept } = result;
        this.#judge({ repeat: `--seed ${seed} --files ${files} --round ${round}`, problems, kept });
        this.#tell("random moments", Math.min(this.#kills, kills), kills);
        return true;
      });
    });
  }

  /** Generates a folder, runs it undisturbed, and opens as many lanes as there are to be at once. */
  async #inLanes(
    name: string,
    files: number,
    work: (lanes: readonly Lane[], reference: Reference) => Promise<void>,
  ): Promise<void> {
    if (this.#signal.aborted) return;
    const place = join(this.#place, name);
    const folder = join(place, "files");
    await mkdir(folder, { recursive: true });
    await generateFolder(folder, files, this.#options.seed);
    await using stack = new AsyncDisposableStack();
    const lanes = Array.from({ length: this.#options.atOnce }, () =>
      stack.use(new Lane({ place, folder, limitMs: LIMIT_MS.least + files * LIMIT_MS.perFile, signal: this.#signal })),
    );
    const [first] = lanes;
    if (first === undefined) throw new RangeError("at least one process at a time is needed");
    try {
      await work(lanes, await makeReference(first));
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }

  /** Each lane works until there is nothing more to do. */
  async #share(lanes: readonly Lane[], work: (lane: Lane) => Promise<boolean>): Promise<void> {
    await Promise.all(
      lanes.map(async (lane) => {
        while (!this.#signal.aborted && (await work(lane)));
      }),
    );
  }

  #judge(failure: Failure): void {
    if (failure.problems.length === 0) return;
    this.#failures.push(failure);
    this.#run.onFailure?.(failure);
  }

  #tell(part: string, done: number, of: number): void {
    this.#run.onProgress?.({ part, done, of, failures: this.#failures.length });
  }
}
