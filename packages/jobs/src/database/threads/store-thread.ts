import { Worker } from "node:worker_threads";
import { SpacedriveError } from "@spacedrive/wire";
import type { StoreReplies, StoreReply, StoreRequest, StoreThreadData } from "./messages.js";

/** A thread that nobody has asked anything for this long goes away. */
const IDLE_MS = 30_000;
/** For its few statements; the rows of a scan are the most that it holds. */
const HEAP_MB = 256;

type RequestOf<Kind extends StoreRequest["kind"]> = Extract<StoreRequest, { readonly kind: Kind }>;

interface Asked {
  resolve(value: StoreReplies[keyof StoreReplies]): void;
  reject(error: Error): void;
}

/** Starts a thread of this package's worker file. It keeps the process alive only while its owner says so. */
export function startWorker(url: URL, name: string, data: StoreThreadData): Worker {
  // No flags and no environment of the host: it needs none, and some flags are refused in threads.
  const worker = new Worker(url, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    execArgv: [],
    argv: [],
    env: {},
    name,
  });
  worker.unref();
  return worker;
}

/**
 * A worker thread with connections of its own, shared by all databases of the process: it starts with the first request,
 * keeps the process alive only while one is under way, and goes away when there is nothing to do. One that dies rejects
 * what was asked of it, and the next request starts another.
 */
export class StoreThread {
  readonly #url: URL;
  readonly #name: string;
  readonly #asked = new Map<number, Asked>();
  /** Files that the running thread has connections to. */
  readonly #paths = new Set<string>();
  #worker: Worker | null = null;
  #next = 0;
  #idle: NodeJS.Timeout | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(url: URL, name: string) {
    this.#url = url;
    this.#name = name;
  }

  /** @throws Error with SQLite's `errcode` where it has one; SpacedriveError `STORE_FAILED` where the thread died. */
  request<Kind extends StoreRequest["kind"]>(request: RequestOf<Kind>): Promise<StoreReplies[Kind]> {
    return this.ask(request)[1];
  }

  /** As {@link request}, with the id by which a later request can name this one. */
  ask<Kind extends StoreRequest["kind"]>(request: RequestOf<Kind>): [id: number, reply: Promise<StoreReplies[Kind]>] {
    const worker = this.#start();
    const id = this.#next++;
    this.#note(request);
    worker.ref();
    const reply = new Promise<StoreReplies[Kind]>((resolve, reject) => {
      // Proof: the worker answers a request of a kind with the reply of that kind.
      this.#asked.set(id, { resolve: (value) => resolve(value as StoreReplies[Kind]), reject });
      worker.postMessage({ id, request });
    });
    return [id, reply];
  }

  /** Closes the thread's connection to a file, where it has one. Never starts a thread. */
  async release(path: string): Promise<void> {
    if (this.#paths.has(path)) await this.request({ kind: "close", path });
  }

  /** One piece of work after another, of whatever database. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {});
    return result;
  }

  #start(): Worker {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    if (this.#worker !== null) return this.#worker;
    const worker = startWorker(this.#url, this.#name, { sync: null });
    this.#worker = worker;
    worker.on("message", (reply: StoreReply) => this.#hear(reply));
    worker.on("error", (error) => this.#gone(worker, error));
    worker.on("exit", () => this.#gone(worker, null));
    return worker;
  }

  #note(request: StoreRequest): void {
    if (request.kind === "close") this.#paths.delete(request.path);
    else if (request.kind !== "page") this.#paths.add(request.path);
  }

  #hear(reply: StoreReply): void {
    const asked = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    if (this.#asked.size === 0) this.#rest();
    if (reply.ok) asked?.resolve(reply.value);
    else asked?.reject(Object.assign(new Error(reply.error.message), sqliteFields(reply.error.errcode)));
  }

  #rest(): void {
    this.#worker?.unref();
    this.#idle = setTimeout(() => {
      this.#worker?.postMessage({ id: -1, request: null });
      this.#forget();
    }, IDLE_MS);
    this.#idle.unref();
  }

  #forget(): void {
    this.#worker = null;
    this.#paths.clear();
  }

  #gone(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#forget();
    const died = new SpacedriveError("STORE_FAILED", `The thread "${this.#name}" died. Try again.`, { cause });
    for (const asked of this.#asked.values()) asked.reject(died);
    this.#asked.clear();
  }
}

function sqliteFields(errcode: number | null): { readonly errcode?: number } {
  return errcode === null ? {} : { errcode };
}
