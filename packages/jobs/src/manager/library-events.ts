import { type Clock, type LibraryId, SpacedriveError, toJson, type Transaction } from "@spacedrive/wire";
import { checkEventName, type LibraryEvent, MAX_EVENT_NAMES, MAX_EVENT_PAYLOAD_BYTES } from "../library-event.js";
import type { EmittedEvent, NewEvent } from "../store/job-store.js";
import type { LibraryJobs } from "./library-jobs.js";

/** Of an event. */
export interface EmitOptions {
  readonly library: LibraryId;
  /** A JSON value of up to {@link MAX_EVENT_PAYLOAD_BYTES}, which those read that the event wakes. Default: none. */
  readonly payload?: unknown;
}

/** The events of libraries: what happens in them, and what jobs can wait for. */
export class LibraryEvents {
  readonly #clock: Clock;
  readonly #find: (library: LibraryId) => LibraryJobs;

  /** @param find throws where the library is not open. */
  constructor(clock: Clock, find: (library: LibraryId) => LibraryJobs) {
    this.#clock = clock;
    this.#find = find;
  }

  /**
   * Emits an event, and answers its number once it is on disk and the jobs that waited for it are queued.
   *
   * @param name the host's own are dotted words such as `app.import_done`; an extension's, `<extension>:<event>`.
   * @throws SpacedriveError `INVALID_INPUT`, `PAYLOAD_TOO_LARGE`, `EVENTS_FULL`, `LIBRARY_NOT_FOUND`, `CLOSED`, or as the store.
   */
  async emit(name: string, options: EmitOptions): Promise<number> {
    return this.#event(name, options).emit();
  }

  /**
   * An event to be emitted in the transaction of an action: once, however often the action's job repeats it.
   *
   * @throws SpacedriveError as {@link emit}, but for the store.
   */
  async prepare(name: string, options: EmitOptions): Promise<PreparedEvent> {
    const event = this.#event(name, options);
    // It has no transaction that the event could be part of.
    if (!event.joins) await event.emit();
    return event;
  }

  /**
   * The last event of a name; null: there was none.
   *
   * @throws SpacedriveError `INVALID_INPUT`, `LIBRARY_NOT_FOUND`, `CLOSED`, or as the store.
   */
  async last(name: string, library: LibraryId): Promise<LibraryEvent | null> {
    checkEventName(name);
    const { store } = this.#find(library);
    const event = await store.lastEvent(name);
    // What is told of it must not be taken back.
    await store.confirmed?.();
    return event;
  }

  #event(name: string, { library, payload }: EmitOptions): PreparedEvent {
    checkEventName(name);
    const text = payloadText(name, payload);
    const event = { name, payload: text, at: this.#clock.now(), maxNames: MAX_EVENT_NAMES };
    return new PreparedEvent(event, this.#find(library));
  }
}

/** An event that has not happened yet. */
export class PreparedEvent {
  readonly #event: NewEvent;
  readonly #jobs: LibraryJobs;
  #emitted: EmittedEvent | null = null;

  constructor(event: NewEvent, jobs: LibraryJobs) {
    this.#event = event;
    this.#jobs = jobs;
  }

  /** True where the event can be part of an action's transaction. */
  get joins(): boolean {
    return this.#jobs.store.effects === "exactly-once";
  }

  /** Emits it with the rest of the transaction, where it can be part of it; answers its number. */
  emitIn(tx: Transaction): number {
    if (this.joins || this.#emitted === null) this.#emitted = this.#jobs.store.emitIn(tx, this.#event);
    return this.#emitted.number;
  }

  /** The transaction is durable: lets the jobs run that it woke. */
  emitted(): void {
    if (this.#emitted !== null) this.#jobs.woken(this.#emitted.woken);
  }

  /** Emits it in a transaction of its own. @throws SpacedriveError as the store. */
  async emit(): Promise<number> {
    this.#emitted = await this.#jobs.store.emit(this.#event);
    this.emitted();
    return this.#emitted.number;
  }
}

/** @throws SpacedriveError `INVALID_INPUT` where it has no JSON, `PAYLOAD_TOO_LARGE`. */
function payloadText(name: string, payload: unknown): string | null {
  if (payload === undefined) return null;
  let text: string;
  try {
    text = toJson(payload, "");
  } catch (cause) {
    throw new SpacedriveError("INVALID_INPUT", `The payload of event "${name}" cannot be written as JSON.`, { cause });
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_EVENT_PAYLOAD_BYTES) return text;
  throw new SpacedriveError(
    "PAYLOAD_TOO_LARGE",
    `The payload of event "${name}" has ${bytes} bytes, and may have ${MAX_EVENT_PAYLOAD_BYTES}. Store what is large, and name it in the event.`,
  );
}
