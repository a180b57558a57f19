import { defineJob, type NativeJob, type NativeJobContext } from "@spacedrive/jobs";
import { SpacedriveError, toSpacedriveError } from "@spacedrive/wire";
import { z } from "zod";
import { errnoOf } from "../paths/contained-file.js";
import type { VdfsBackend } from "./backend.js";
import { type IndexRun, keepUnreadable, putWalked, sweepUnseen } from "./index-table.js";
import { type Location, raiseGeneration, requireLocation, setIndexed } from "./location-table.js";
import { type WalkedEntry, walkFolder, type WalkStep } from "./walk-folder.js";

/** The type of the job that indexes a location. */
export const INDEX_LOCATION_JOB = "core.index_location";

/** Entries that one transaction of the index takes. */
const BATCH = 200;

const indexState = z.object({
  location_id: z.guid(),
  /** Null until the run has its number. */
  generation: z.int().nullable().default(null),
  /** First all that is there is found, then what was not found is removed. */
  phase: z.enum(["walk", "sweep"]).default("walk"),
  /** Where to go on: the last path of the phase. */
  after: z.string().nullable().default(null),
  links: z.int().default(0),
  removed: z.int().default(0),
});

const indexResult = z.object({ location_id: z.string(), removed: z.int() });

type IndexState = z.output<typeof indexState>;

/** Brings the index of a location in line with its folder; goes on from its last batch after whatever stopped it. */
export function indexLocationJob(backend: VdfsBackend): NativeJob<z.input<typeof indexState>> {
  return defineJob({
    type: INDEX_LOCATION_JOB,
    state: indexState,
    result: indexResult,
    run: (context, state) => new LocationIndexer(backend, context, state).run(),
  });
}

class LocationIndexer {
  readonly #backend: VdfsBackend;
  readonly #context: NativeJobContext<IndexState>;
  #state: IndexState;

  constructor(backend: VdfsBackend, context: NativeJobContext<IndexState>, state: IndexState) {
    this.#backend = backend;
    this.#context = context;
    this.#state = state;
  }

  async run(): Promise<z.input<typeof indexResult>> {
    const { library } = this.#context;
    const location = this.#backend.read(library, (reader) => requireLocation(reader, this.#state.location_id));
    const run = await this.#begin(location);
    if (this.#state.phase === "walk") await this.#walk(location, run);
    await this.#sweep(run);

    const now = this.#backend.clock.now();
    await this.#backend.transaction(library, (tx) => setIndexed(tx, location.id, now));
    this.#context.reportProgress(1, `Indexed ${location.name}`);
    return { location_id: location.id, removed: this.#state.removed };
  }

  async #begin(location: Location): Promise<IndexRun> {
    let { generation } = this.#state;
    if (generation === null) {
      generation = await this.#backend.transaction(this.#context.library, (tx) => raiseGeneration(tx, location.id));
      await this.#checkpoint({ generation });
    }
    return { locationId: location.id, generation };
  }

  async #walk(location: Location, run: IndexRun): Promise<void> {
    const context = this.#context;
    let found: WalkedEntry[] = [];
    let closed: string[] = [];
    let { after, links } = this.#state;
    let fraction = 0;
    const flush = async (): Promise<void> => {
      const now = this.#backend.clock.now();
      await this.#backend.transaction(context.library, (tx) => {
        putWalked(tx, run, found, now);
        for (const path of closed) keepUnreadable(tx, run, path);
      });
      context.incrementItems(found.length);
      // The sweep is the rest.
      const last = found.at(-1);
      if (last !== undefined) context.reportProgress(fraction * 0.95, `Indexing ${location.name}: ${last.path}`);
      await this.#checkpoint({ after, links });
      found = [];
      closed = [];
    };
    for await (const step of this.#steps(location)) {
      switch (step.kind) {
        case "entry":
          found.push(step.entry);
          fraction = step.fraction;
          break;
        case "unreadable":
          closed.push(step.path);
          context.addWarning(`"${step.path}" could not be read (${step.reason}); what is known of it stays.`);
          break;
        case "link":
          links++;
          break;
        default:
          step satisfies never;
      }
      after = step.path;
      const interrupted = context.interrupt() !== "none";
      if (interrupted || found.length >= BATCH) await flush();
      if (interrupted) context.throwIfInterrupted();
    }
    await flush();
    if (links > 0) context.addWarning(`${links} symbolic link${links === 1 ? " was" : "s were"} not followed.`);
    await this.#checkpoint({ phase: "sweep", after: null });
  }

  async *#steps(location: Location): AsyncGenerator<WalkStep> {
    try {
      yield* walkFolder({ root: location.path, ignore: new Set(location.ignore), after: this.#state.after });
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === null) throw toSpacedriveError(cause, "PATH_DENIED", `"${location.path}" was replaced by a link.`);
      const code = errno === "ENOENT" || errno === "ENOTDIR" ? "NOT_FOUND" : "STORE_FAILED";
      const message = `The folder "${location.path}" cannot be read (${errno}); its index stays as it was.`;
      throw new SpacedriveError(code, message, { cause });
    }
  }

  async #sweep(run: IndexRun): Promise<void> {
    for (;;) {
      this.#context.throwIfInterrupted();
      const { after, removed } = await this.#backend.transaction(this.#context.library, (tx) =>
        sweepUnseen(tx, run, this.#state.after ?? ""),
      );
      this.#state = { ...this.#state, removed: this.#state.removed + removed };
      if (after === null) return;
      await this.#checkpoint({ after });
    }
  }

  async #checkpoint(change: Partial<IndexState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    await this.#context.checkpoint(this.#state);
  }
}
