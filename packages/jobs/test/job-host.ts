import { createLibraryId, createWire, type LibraryId, type Operation } from "@spacedrive/wire";
import { JobManager, type JobManagerOptions, type JobStore, MemoryJobStore } from "../src/index.js";
import { ManualClock } from "./manual-clock.js";

/** A manager with one library, and a clock that the test moves. */
export interface JobHost extends AsyncDisposable {
  readonly manager: JobManager;
  readonly clock: ManualClock;
  readonly library: LibraryId;
  readonly store: JobStore;
}

interface JobHostOptions extends Omit<JobManagerOptions, "wire" | "clock"> {
  readonly store?: JobStore;
  readonly library?: LibraryId;
  readonly operations?: readonly Operation[];
  readonly clock?: ManualClock;
}

export async function openJobHost(options: JobHostOptions = {}): Promise<JobHost> {
  const { store = new MemoryJobStore(), library = createLibraryId(), operations = [], ...rest } = options;
  const clock = options.clock ?? new ManualClock();
  const wire = createWire(operations, { clock, libraries: { has: (id) => id === library } });
  const manager = new JobManager({ ...rest, wire });
  await manager.attach(library, store);
  return {
    manager,
    clock,
    library,
    store,
    [Symbol.asyncDispose]: async () => {
      const closed = manager.close();
      // What a test left running has no reason to be waited for.
      clock.advance(60_000);
      await closed;
    },
  };
}
