import {
  type BegunCall,
  type CallOutcome,
  type JobId,
  isSpacedriveError,
  type LibraryId,
  type OpenRecord,
  type Operation,
  type OperationScope,
  type RecordableCall,
  type Recorder,
  SpacedriveError,
  type Transaction,
  toSpacedriveError,
} from "@spacedrive/wire";
import { type CallRecord, numberOf, type RecordContent, type RecordPlace } from "../call-record.js";
import { CallQueue } from "./call-queue.js";
import { type Fingerprint, fingerprintOf, idempotencyKeyOf } from "./fingerprint.js";
import { outcomeFromJson, outcomeToJson } from "./recorded-outcome.js";
import { NO_CALLS, type RecordedCall, type RecordedCalls } from "./recorded-calls.js";
import type { RecordWriter, WrittenBatch } from "./record-writer.js";
import { seal, unseal } from "./sealing.js";

/** What all levels of one journal share. */
export interface JournalParts {
  readonly job: { readonly id: JobId; readonly type: string; readonly library: LibraryId };
  readonly key: Uint8Array | null;
  readonly quotaBytes: number;
  readonly writer: RecordWriter;
  /** @throws SpacedriveError where the attempt has ended or is to end. */
  readonly checkRunning: () => void;
  readonly onMismatch: (expected: RecordedCall, made: RecordableCall) => void;
  /** A level that has recorded calls to replay has come up, or may have none any more. */
  readonly onLevel: (level: JournalLevel, open: boolean) => void;
}

/** The calls of a job, or those that are made to answer one of its calls. */
export class JournalLevel implements Recorder {
  readonly queue: CallQueue;
  readonly #parts: JournalParts;
  readonly #parent: OpenCall | null;
  readonly #place: RecordPlace;
  readonly #origin: RecordPlace;
  #call = 0;
  #closed = false;

  constructor(parts: JournalParts, parent: OpenCall | null, recorded: RecordedCalls, consumed: number) {
    this.#parts = parts;
    this.#parent = parent;
    this.#place = parent?.place ?? [];
    this.#origin = parent?.origin ?? [];
    this.queue = new CallQueue(recorded, consumed);
    parts.onLevel(this, true);
  }

  begin(call: RecordableCall): BegunCall {
    this.check();
    checkLibrary(call, this.#parts.job);
    const fingerprint = fingerprintOf(call, this.#parts.key);
    const next = this.queue.next(fingerprint, call.kind, (expected) => this.#parts.onMismatch(expected, call));
    try {
      switch (next.kind) {
        case "replayed":
          return this.#replay(call, fingerprint, next.call);
        case "taken":
          return this.#take(call, fingerprint, next.call);
        case "relearning":
          // Not recorded: at each start it is asked anew, as what the job knew at its checkpoint was.
          return this.#open(call, fingerprint, { place: this.#nextPlace(), recorded: "whole" });
        case "new":
          this.#checkQuota(call);
          return this.#open(call, fingerprint, { place: this.#nextPlace() });
        default:
          return next satisfies never;
      }
    } finally {
      this.#parts.onLevel(this, true);
    }
  }

  /** @throws SpacedriveError where no call of this level counts any more. */
  check(): void {
    this.#parts.checkRunning();
    if (this.#closed) throw new SpacedriveError("CANCELLED", "The call that this one was made for has been answered.");
    this.#parent?.level.check();
  }

  /** The call that these were made for is answered. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.queue.clear();
    this.#parts.onLevel(this, false);
  }

  /** Has the calls that these are made for stand on record before these do. */
  standOpen(): void {
    this.#parent?.standOpen();
  }

  #replay(call: RecordableCall, fingerprint: Fingerprint, { record, inner, origin }: RecordedCall): BegunCall {
    const { place, previous, takes, content } = record;
    if (content.kind === "open") {
      return this.#open(call, fingerprint, { place, takes, inner, origin, recorded: "open", previous });
    }
    const outcome = this.#outcomeOf(record);
    if (outcome !== null) return { kind: "recorded", outcome };
    return this.#open(call, fingerprint, { place, recorded: "whole", previous });
  }

  #take(call: RecordableCall, fingerprint: Fingerprint, { record, inner, origin }: RecordedCall): BegunCall {
    const takes = numberOf(record.place);
    const place = this.#nextPlace();
    const outcome = record.content.kind === "open" ? null : this.#outcomeOf(record);
    if (outcome === null) return this.#open(call, fingerprint, { place, takes, inner, origin });
    this.add({ ...record, place, takes, previous: this.queue.previous });
    return { kind: "recorded", outcome };
  }

  /** The number of the call that is being answered, or was last; 0: none was. */
  get call(): number {
    return this.#call;
  }

  #open(call: RecordableCall, fingerprint: Fingerprint, stands: Standing): BegunCall {
    this.#call = numberOf(stands.place);
    return { kind: "open", record: new OpenCall(this.#parts, this, call, fingerprint, stands) };
  }

  /** Null where it is to be asked again. */
  #outcomeOf({ content, call, method, effect }: CallRecord): CallOutcome | null {
    const { job, key } = this.#parts;
    switch (content.kind) {
      case "plain":
        return outcomeFromJson(content.json, method);
      case "sealed": {
        const text = key === null ? null : unseal(content.bytes, key, boundTo(job.id, call));
        if (text !== null) return outcomeFromJson(text, method);
        if (!effect) return null;
        throw new SpacedriveError(
          "STORE_CORRUPT",
          `What "${method}" answered job "${job.type}" is recorded under another key than the host's, and to call it again would do it twice. Give the host its key back, or cancel the job.`,
        );
      }
      case "withheld":
      case "open":
        return null;
      default:
        return content satisfies never;
    }
  }

  add(record: CallRecord): void {
    this.standOpen();
    this.#parts.writer.add(record);
    this.queue.added(numberOf(record.place));
  }

  /** Where a call with this number stood when it was first made: by that it is known outside. */
  originOf(number: number): RecordPlace {
    return [...this.#origin, number];
  }

  #nextPlace(): RecordPlace {
    return [...this.#place, this.queue.number()];
  }

  #checkQuota({ method }: RecordableCall): void {
    const { writer, quotaBytes, job } = this.#parts;
    if (writer.bytes < quotaBytes) return;
    throw new SpacedriveError(
      "JOURNAL_FULL",
      `Job "${job.type}" may not call "${method}": the calls since its last checkpoint are recorded, and have come to ${writer.bytes} of ${quotaBytes} bytes. Checkpoint first.`,
      { details: { journal_bytes: writer.bytes } },
    );
  }
}

/** Where an open call stands in its level. */
interface Standing {
  readonly place: RecordPlace;
  /** Default null. */
  readonly takes?: number | null;
  /** The calls recorded to answer it. Default none. */
  readonly inner?: RecordedCalls;
  /** The number of the place where it was first recorded. Default that of `place`. */
  readonly origin?: number;
  /** What is stored of it: `open`, its opening; `whole`, all there will be. Default nothing. */
  readonly recorded?: "open" | "whole";
  /** With `recorded`. */
  readonly previous?: number;
}

/** A call that is being answered. */
class OpenCall implements OpenRecord {
  readonly level: JournalLevel;
  readonly place: RecordPlace;
  readonly origin: RecordPlace;
  readonly #parts: JournalParts;
  readonly #call: RecordableCall;
  readonly #fingerprint: Fingerprint;
  readonly #takes: number | null;
  readonly #inner: RecordedCalls;
  readonly #whole: boolean;
  #nested: JournalLevel | null = null;
  /** Of its opening's record, once there is one. */
  #previous: number | undefined;
  #scope: OperationScope = "library";
  #secret = false;
  #batch: WrittenBatch | null = null;

  constructor(
    parts: JournalParts,
    level: JournalLevel,
    call: RecordableCall,
    fingerprint: Fingerprint,
    stands: Standing,
  ) {
    this.#parts = parts;
    this.level = level;
    this.#call = call;
    this.#fingerprint = fingerprint;
    this.place = stands.place;
    this.origin = level.originOf(stands.origin ?? numberOf(stands.place));
    this.#takes = stands.takes ?? null;
    this.#inner = stands.inner ?? NO_CALLS;
    this.#whole = stands.recorded === "whole";
    this.#previous = stands.previous;
    // What is recorded is to be replayed from now on, before anybody may be interrupted.
    if (this.#inner !== NO_CALLS) this.#nest();
  }

  get idempotencyKey(): string {
    return idempotencyKeyOf(this.#parts.job.id, this.origin, this.#fingerprint);
  }

  get nested(): Recorder | null {
    return this.#call.kind === "query" ? null : this.#nest();
  }

  admit({ scope, secret }: Operation): void {
    this.#scope = scope;
    this.#secret = secret;
    if (!secret || this.#parts.key !== null || this.#call.kind === "query") return;
    throw new SpacedriveError(
      "OPERATION_FAILED",
      `Job "${this.#parts.job.type}" may not call "${this.#call.method}": its answer is a secret, and the host has no key to record it with. Give the job manager a recordKey.`,
    );
  }

  async announce(): Promise<void> {
    // It counts as an effect from now on: it may happen, and nobody may live to record it.
    this.#standOpen(true);
    await this.#parts.writer.writeWaiting();
    this.level.check();
  }

  commit(tx: Transaction, output: unknown): void {
    this.level.check();
    if (!this.#parts.writer.joins(this.#scope)) return;
    this.level.standOpen();
    const content = this.#contentOf({ ok: true, output });
    this.#batch = this.#parts.writer.writeIn(tx, this.#scope, this.#record(content, true));
  }

  async settle(outcome: CallOutcome): Promise<void> {
    this.#nested?.close();
    const { writer } = this.#parts;
    // It stands, also where the attempt is to stop since: a checkpoint that it may still make has to cover it.
    if (outcome.ok && this.#batch !== null) {
      if (this.#nested !== null) writer.dropInside(this.place);
      this.level.queue.added(numberOf(this.place));
      return writer.written(this.#batch);
    }
    if (!this.#counts() || this.#whole) return;
    // Only what had calls inside it: all that waits is looked through.
    if (this.#nested !== null) writer.dropInside(this.place);
    const effect = outcome.ok && this.#call.kind === "action";
    let refused: SpacedriveError | null = null;
    let content: RecordContent;
    try {
      content = this.#contentOf(outcome);
    } catch (thrown) {
      refused = toSpacedriveError(thrown, "OPERATION_FAILED", `"${this.#call.method}" answered what has no JSON.`);
      content = this.#contentOf({ ok: false, error: refused });
    }
    this.level.add(this.#record(content, effect));
    // An effect outside of the databases is not to be repeated if that can be helped; the rest may wait for the next effect.
    await (effect ? writer.flush() : writer.spill());
    if (refused !== null) throw refused;
  }

  standOpen(): void {
    this.#standOpen(false);
  }

  #standOpen(effect: boolean): void {
    if (this.#previous !== undefined) return;
    const record = this.#record({ kind: "open" }, effect);
    this.#previous = record.previous;
    this.level.add(record);
  }

  #nest(): JournalLevel {
    this.#nested ??= new JournalLevel(this.#parts, this, this.#inner, 0);
    return this.#nested;
  }

  /** False where the attempt, or the call that this was made for, has ended: then it is as if it had not been made. */
  #counts(): boolean {
    try {
      this.level.check();
      return true;
    } catch (error) {
      if (!isSpacedriveError(error)) throw error;
      return false;
    }
  }

  #record(content: RecordContent, effect: boolean): CallRecord {
    const { method, kind } = this.#call;
    const previous = this.#previous ?? this.level.queue.previous;
    const call = this.#fingerprint.textFor(this.#secret);
    return { place: this.place, previous, takes: this.#takes, call, method, kind, effect, content };
  }

  #contentOf(outcome: CallOutcome): RecordContent {
    const { key, job } = this.#parts;
    const json = outcomeToJson(outcome, this.#call.method);
    if (!this.#secret) return { kind: "plain", json };
    if (key === null) return { kind: "withheld" };
    return { kind: "sealed", bytes: seal(json, key, boundTo(job.id, this.#fingerprint.textFor(true))) };
  }
}

function boundTo(job: JobId, call: string): string {
  return `${job}\n${call}`;
}

/** @throws SpacedriveError `LIBRARY_ACCESS_DENIED`. */
function checkLibrary(call: RecordableCall, job: JournalParts["job"]): void {
  if (call.kind === "query" || call.library === null || call.library === job.library) return;
  throw new SpacedriveError(
    "LIBRARY_ACCESS_DENIED",
    `Job "${job.type}" may not call "${call.method}" on another library: a job's actions go to its own, ${job.library}.`,
  );
}
