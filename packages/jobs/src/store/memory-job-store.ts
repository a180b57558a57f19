import { type JobId, SpacedriveError } from "@spacedrive/wire";
import { type CallRecord, isProgress, outermostOf, placeKey, type RecordPlace } from "../call-record.js";
import {
  entryOfStep,
  type HistoryEntry,
  type HistoryLimits,
  historyLimits,
  type HistoryNotes,
  type JobHistory,
  keptHistory,
  NOTHING_HELD,
} from "../history.js";
import type { JobFilter, JobRecord } from "../job.js";
import { attemptNotRunning, jobExists, jobNotFound } from "../job-errors.js";
import { checkpointJob, type JobSnapshot, recordCalls } from "../job-steps.js";
import { extensionOfType } from "../job-type.js";
import { extensionOfEvent, type LibraryEvent, tooManyEvents } from "../library-event.js";
import { isEnded, JOB_STATUSES, needsNoRecords } from "../transitions.js";
import { wakeIfDue, wakeOnEvent } from "../waking.js";
import { statusesOf } from "./job-filter.js";
import type {
  ChildCounts,
  DueJob,
  EmittedEvent,
  JobStore,
  JobStoreOptions,
  Moment,
  NewEvent,
  QueuedJob,
} from "./job-store.js";

/** Keeps jobs for as long as the process lives: for tests, and for hosts whose jobs may be lost. */
export class MemoryJobStore implements JobStore {
  readonly effects = "at-least-once";
  /** In order of insertion. Records are never changed, only replaced. */
  readonly #jobs = new Map<JobId, JobRecord>();
  readonly #histories = new Map<JobId, JobHistory>();
  /** Children that have not ended, by parent. */
  readonly #liveChildren = new Map<JobId, Set<JobId>>();
  /** Those that were retried after their parent had been cancelled. */
  readonly #outliving = new Set<JobId>();
  /** The last of each name. */
  readonly #events = new Map<string, LibraryEvent>();
  /** By job and place. */
  readonly #records = new Map<JobId, Map<string, CallRecord>>();
  readonly historyLimits: HistoryLimits;

  /** @throws SpacedriveError `INVALID_INPUT`. */
  constructor(options: JobStoreOptions = {}) {
    this.historyLimits = historyLimits(options.history);
  }

  async insert(job: JobRecord): Promise<void> {
    if (this.#jobs.has(job.id)) throw jobExists(job.id);
    this.#put(job);
  }

  insertIn(): never {
    throw joinsNothing();
  }

  async get(id: JobId): Promise<JobRecord | null> {
    return this.#jobs.get(id) ?? null;
  }

  async list(filter: Omit<JobFilter, "library">, limit: number): Promise<readonly JobRecord[]> {
    const statuses = statusesOf(filter);
    const matches = (job: JobRecord): boolean =>
      (statuses === null || statuses.includes(job.status)) &&
      (filter.idPrefix === undefined || job.id.startsWith(filter.idPrefix)) &&
      (filter.type === undefined || job.type === filter.type) &&
      (filter.extension === undefined || extensionOfType(job.type) === filter.extension) &&
      (filter.parent === undefined || job.parent === filter.parent);
    const jobs = [...this.#jobs.values()].reverse().filter(matches).slice(0, limit);
    return filter.states === false ? jobs.map((job) => ({ ...job, state: null, result: null })) : jobs;
  }

  async queued(of: { readonly type: string } | { readonly id: JobId }, limit: number): Promise<readonly QueuedJob[]> {
    const isAsked = (job: JobRecord): boolean => ("id" in of ? job.id === of.id : job.type === of.type);
    return [...this.#jobs.values()]
      .filter((job) => isReady(job) && isAsked(job))
      .sort((a, b) => b.priority - a.priority || a.updatedAt - b.updatedAt)
      .slice(0, limit)
      .map(({ id, type, priority, updatedAt }) => ({ id, type, priority, queuedAt: updatedAt }));
  }

  async queuedTypes(): Promise<readonly string[]> {
    const types = [...this.#jobs.values()].filter(isReady).map(({ type }) => type);
    return [...new Set(types)].sort();
  }

  async due(now: Moment, limit: number): Promise<readonly DueJob[]> {
    const due: DueJob[] = [];
    for (const job of this.#jobs.values()) {
      if (due.length >= limit) break;
      const kind = dueKind(job, now);
      if (kind !== null) due.push({ id: job.id, kind });
    }
    return due;
  }

  async nextDue(): Promise<{ readonly wall: number | null; readonly steady: number | null }> {
    const times = [...this.#jobs.values()].map(dueTimes);
    return { wall: earliest(times.map(({ wall }) => wall)), steady: earliest(times.flatMap(({ steady }) => steady)) };
  }

  async lastWaitBegan(): Promise<number | null> {
    const live = [...this.#jobs.values()].filter(({ status }) => !isEnded(status));
    const began = live.flatMap(({ waitBegan }) => (waitBegan === null ? [] : [waitBegan]));
    return began.reduce<number | null>((last, at) => Math.max(last ?? at, at), null);
  }

  async countChildren(parent: JobId): Promise<ChildCounts> {
    const statuses = [...this.#jobs.values()].filter((job) => job.parent === parent).map(({ status }) => status);
    return Object.fromEntries(
      JOB_STATUSES.flatMap((status) => {
        const count = statuses.filter((other) => other === status).length;
        return count === 0 ? [] : [[status, count]];
      }),
    );
  }

  async liveChildren(parent: JobId | null, limit: number): Promise<readonly JobId[]> {
    const isAsked = (id: JobId): boolean =>
      parent === null ? this.#jobs.get(id)?.status === "cancelled" : id === parent;
    const live = [...this.#liveChildren].flatMap(([id, children]) => (isAsked(id) ? [...children] : []));
    return live.filter((id) => !this.#outliving.has(id)).slice(0, limit);
  }

  async update(id: JobId, step: (job: JobRecord) => JobRecord, history?: HistoryNotes): Promise<JobRecord> {
    const job = this.#jobs.get(id);
    if (job === undefined) throw jobNotFound(id);
    const updated = this.#replace(job, step(job), history);
    if (needsNoRecords(updated.status)) this.#records.delete(id);
    this.#wakeParent(updated);
    const isRetried = isEnded(job.status) && !isEnded(updated.status) && job.parent !== null;
    if (isRetried && this.#jobs.get(job.parent)?.status === "cancelled") this.#outliving.add(id);
    return updated;
  }

  updateIn(): never {
    throw joinsNothing();
  }

  async emit({ maxNames, ...event }: NewEvent): Promise<EmittedEvent> {
    const { name } = event;
    const owner = extensionOfEvent(name);
    const last = this.#events.get(name);
    const names = [...this.#events.keys()].filter((other) => extensionOfEvent(other) === owner);
    if (last === undefined && names.length >= maxNames) throw tooManyEvents(name, maxNames);
    const number = (last?.number ?? 0) + 1;
    this.#events.set(name, { ...event, number });
    const woken: JobId[] = [];
    for (const job of this.#jobs.values()) {
      const stepped = wakeOnEvent(job, { ...event, number });
      if (stepped === job) continue;
      this.#replace(job, stepped);
      woken.push(job.id);
    }
    return { number, woken };
  }

  emitIn(): never {
    throw joinsNothing();
  }

  async lastEvent(name: string): Promise<LibraryEvent | null> {
    return this.#events.get(name) ?? null;
  }

  async checkpoint(id: JobId, attempt: number, snapshot: JobSnapshot): Promise<void> {
    this.#jobs.set(id, checkpointJob(this.#running(id, attempt), attempt, snapshot));
    this.#append(id, snapshot.history, []);
    const records = this.#records.get(id);
    for (const [key, { place }] of records ?? []) if (outermostOf(place) <= snapshot.consumed) records?.delete(key);
  }

  async history(id: JobId, held: HistoryNotes = NOTHING_HELD): Promise<JobHistory> {
    const { entries, dropped } = this.#histories.get(id) ?? { entries: [], dropped: 0 };
    return keptHistory({ entries: [...entries, ...held.entries], dropped: dropped + held.missed }, this.historyLimits);
  }

  async records(id: JobId, after: number): Promise<readonly CallRecord[]> {
    return [...(this.#records.get(id)?.values() ?? [])].filter(({ place }) => outermostOf(place) > after);
  }

  async record(id: JobId, attempt: number, records: readonly CallRecord[]): Promise<void> {
    const recorded = recordCalls(this.#running(id, attempt), attempt);
    if (isProgress(records)) this.#jobs.set(id, recorded);
    const stored = this.#records.get(id) ?? new Map<string, CallRecord>();
    for (const record of records) stored.set(placeKey(record.place), record);
    this.#records.set(id, stored);
  }

  recordIn(): never {
    throw joinsNothing();
  }

  async forget(id: JobId, attempt: number, places: readonly RecordPlace[]): Promise<void> {
    recordCalls(this.#running(id, attempt), attempt);
    for (const place of places) this.#records.get(id)?.delete(placeKey(place));
  }

  #replace(job: JobRecord, stepped: JobRecord, history?: HistoryNotes): JobRecord {
    const updated = this.#put(stepped);
    const entry = entryOfStep(job, updated);
    this.#append(job.id, history, entry === null ? [] : [entry]);
    return updated;
  }

  #wakeParent(ended: JobRecord): void {
    if (!isEnded(ended.status)) return;
    const parent = ended.parent === null ? undefined : this.#jobs.get(ended.parent);
    if (parent?.status !== "suspended" || (parent.wake?.condition.children ?? null) === null) return;
    const looked = this.#wakeIfDue({ ...parent, updatedAt: ended.updatedAt });
    if (looked.status !== "suspended") this.#replace(parent, looked);
  }

  #append(id: JobId, history: HistoryNotes | null | undefined, more: readonly HistoryEntry[]): void {
    const { entries, dropped } = this.#histories.get(id) ?? { entries: [], dropped: 0 };
    const all = {
      entries: [...entries, ...(history?.entries ?? []), ...more],
      dropped: dropped + (history?.missed ?? 0),
    };
    this.#histories.set(id, keptHistory(all, this.historyLimits));
  }

  #put(job: JobRecord): JobRecord {
    const settled = this.#wakeIfDue(job);
    this.#jobs.set(job.id, settled);
    if (job.parent !== null) {
      const live = this.#liveChildren.get(job.parent) ?? new Set();
      if (isEnded(settled.status)) live.delete(job.id);
      else this.#liveChildren.set(job.parent, live.add(job.id));
      if (live.size === 0) this.#liveChildren.delete(job.parent);
    }
    return settled;
  }

  #wakeIfDue(job: JobRecord): JobRecord {
    return wakeIfDue(job, {
      findLiveChild: (children) => {
        const live = this.#liveChildren.get(job.id);
        const [first] = children === "all" ? (live ?? []) : children.filter((id) => live?.has(id));
        return first ?? null;
      },
      lastEvent: (name) => this.#events.get(name)?.number ?? 0,
    });
  }

  #running(id: JobId, attempt: number): JobRecord {
    const job = this.#jobs.get(id);
    if (job === undefined) throw attemptNotRunning(id, attempt);
    return job;
  }
}

function joinsNothing(): SpacedriveError {
  return new SpacedriveError("INTERNAL", "A memory store joins no transaction: its effects are at least once.");
}

function isReady({ status, notBefore }: JobRecord): boolean {
  return status === "queued" && notBefore === null;
}

function dueTimes(job: JobRecord): { readonly wall: number | null; readonly steady: readonly (number | null)[] } {
  const waits = job.status === "suspended" ? job.wake?.condition : undefined;
  const notBefore = job.status === "queued" ? job.notBefore : null;
  return {
    wall: waits?.at ?? null,
    steady: [waits?.due ?? null, notBefore, isEnded(job.status) ? null : job.deadline],
  };
}

function dueKind(job: JobRecord, now: Moment): DueJob["kind"] | null {
  const { wall, steady } = dueTimes(job);
  const [due = null, notBefore = null, deadline = null] = steady;
  const isOver = (time: number | null, at: number): boolean => time !== null && time <= at;
  if (isOver(deadline, now.steady)) return "expire";
  if (isOver(wall, now.wall) || isOver(due, now.steady)) return "wake";
  return isOver(notBefore, now.steady) ? "ready" : null;
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}
