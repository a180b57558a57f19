import { EventEmitter } from "node:events";
import type { SqliteDatabase } from "@spacedrive/jobs";
import type { Logger } from "@spacedrive/wire";
import type { Library } from "./library.js";
import type { StoreEvents } from "./store-events.js";

/** Says how databases fare: once in the log, by the library's name, and to those who listen. */
export class StoreReports {
  readonly events = new EventEmitter<StoreEvents>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param library whose database it is; null: the host's. */
  watch(library: Library | null, database: SqliteDatabase): void {
    const name = library?.name ?? null;
    const what = name === null ? "the host's database" : `library "${name}"`;
    database.watch({
      failed: (error) => {
        // Somebody asked for it.
        if (error.details["reopening"] === true) return;
        this.#logger.error({ library: name, err: error }, `${what} has failed, and takes no more: ${error.message}`);
        this.#emit("store-failed", { library, error, reopens: error.retryable });
      },
      checkpointFailed: (err) =>
        this.#logger.warn(
          { library: name, err },
          `${what} cannot copy its WAL into its database, and goes on without: ${err.message}`,
        ),
      reopened: () => {
        this.#logger.info({ library: name }, `${what} is open again`);
        this.#emit("store-reopened", { library });
      },
    });
  }

  /** A listener's fault is its own. */
  #emit<Name extends keyof StoreEvents>(name: Name, ...event: StoreEvents[Name]): void {
    for (const listener of this.events.rawListeners(name)) {
      try {
        Reflect.apply(listener, this.events, event);
      } catch (error) {
        this.#logger.error({ err: error }, `a listener of "${name}" failed`);
      }
    }
  }
}
