import { availableParallelism } from "node:os";
import {
  type MessagePort,
  MessageChannel,
  receiveMessageOnPort,
  type ResourceLimits,
  Worker,
} from "node:worker_threads";
import { systemClock } from "@spacedrive/wire";
import {
  DATA_BYTES,
  DATA_KEEP_BYTES,
  roomFor,
  sharedBuffer,
  SHARED_PAGES,
  type StartMessage,
  type ThreadData,
  TO_GUEST,
  TO_HOST,
  WORD,
  WORD_COUNT,
} from "./channel-layout.js";
import { Patience } from "./patience.js";

export interface GuestThreadOptions {
  readonly workerUrl: URL;
  readonly resourceLimits: ResourceLimits;
  /** How long it may take to come up. Default 30,000: a thousand times what it takes. */
  readonly readyMs?: number;
}

const READY_MS = 30_000;

/** Who has a thread gets its messages. Neither may throw. */
export interface GuestThreadListener {
  /** The guest's side rang: it sleeps until `send` or `reply`. */
  onMessage(kind: number): void;
  /** The thread is gone. `cause` is what it died of, where it was not terminated. */
  onExit(cause: Error | null): void;
}

/**
 * A worker thread and the host's end of its channel. It keeps the process alive only between `hold` and `release`. It
 * runs one instance after another, never two.
 */
export class GuestThread {
  readonly words: Int32Array;
  readonly shared: SharedArrayBuffer;
  /** Resolves true once the thread sleeps and waits for a command; false where it died before. */
  readonly ready: Promise<boolean>;
  /** Resolves once the thread is gone. */
  readonly exited: Promise<void>;
  /** Instances that it has run. */
  starts = 0;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  #data: Buffer<SharedArrayBuffer>;
  #heard = 0;
  #gone = false;
  #warm = false;
  #cause: Error | null = null;
  #listener: GuestThreadListener | null = null;
  /** Turns of the loop for which it is looked whether a guest has rung, before the loop sleeps: after a reply, and a command. */
  readonly #nextRequest = new Patience(4, 8, 100);
  readonly #firstWord = new Patience(4, 8, 100);
  #patience: Patience | null = null;
  #turns = 0;
  readonly #onTurn = (): void => this.#turn();
  readonly #onBell = (): void => this.#hear();

  /** `spare`: nobody waits for it yet. */
  constructor({ workerUrl, resourceLimits, readyMs = READY_MS }: GuestThreadOptions, spare: boolean) {
    const { port1, port2 } = new MessageChannel();
    const data = new SharedArrayBuffer(DATA_BYTES);
    const memory = new WebAssembly.Memory({ initial: SHARED_PAGES, maximum: SHARED_PAGES, shared: true });
    this.shared = sharedBuffer(memory);
    this.words = new Int32Array(this.shared, 0, WORD_COUNT);
    this.words[WORD.CORES] = availableParallelism();
    this.#data = Buffer.from(data);
    this.#port = port1;
    const threadData: ThreadData = { shared: memory, data, port: port2, spare };
    // No flags, environment or arguments of the host: a guest's thread needs none, and some flags are refused in threads.
    this.#worker = new Worker(workerUrl, {
      workerData: threadData,
      transferList: [port2],
      resourceLimits,
      execArgv: [],
      argv: [],
      env: {},
      name: "spacedrive-guest",
    });
    this.#worker.unref();
    this.#worker.on("error", (error) => {
      this.#cause = error instanceof Error ? error : new Error(String(error));
    });
    const { promise: exited, resolve: resolveExited } = Promise.withResolvers<void>();
    const { promise: ready, resolve: resolveReady } = Promise.withResolvers<boolean>();
    this.exited = exited;
    this.ready = ready;
    // A file that is not the worker's, such as the whole program that a bundler put there, may run on and never say a word.
    const stopWaiting = systemClock.after(readyMs, () => {
      if (Atomics.load(this.words, WORD.HOST_BELL) !== this.#heard) return;
      this.#cause ??= new Error(`its file did not report within ${readyMs} ms`);
      void this.terminate();
    });
    this.#listener = {
      onMessage: (kind) => {
        stopWaiting();
        this.#warm = kind === TO_HOST.READY;
        resolveReady(this.#warm);
      },
      onExit: () => resolveReady(false),
    };
    this.#worker.on("exit", () => {
      this.#gone = true;
      stopWaiting();
      port1.close();
      // A wait for a thread that is gone would never settle by itself.
      Atomics.notify(this.words, WORD.HOST_BELL);
      this.#listener?.onExit(this.#cause);
      resolveReady(false);
      resolveExited();
    });
    this.#listen();
  }

  /** What the thread died of, where it was not terminated. */
  get cause(): Error | null {
    return this.#cause;
  }

  /** True once it sleeps and waits for a command. */
  get warm(): boolean {
    return this.#warm;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** The bytes of the message that the guest's side sent. */
  get data(): Buffer<SharedArrayBuffer> {
    return this.#data;
  }

  setListener(listener: GuestThreadListener | null): void {
    this.#listener = listener;
  }

  /** Keeps the process alive: a call is under way. */
  hold(): void {
    this.#worker.ref();
  }

  release(): void {
    this.#worker.unref();
  }

  /** Sends START with what cannot be written as bytes. */
  sendStart(start: StartMessage): void {
    this.#makeRoom("", "", "");
    // After a new data buffer, which the guest's side takes first.
    this.#port.postMessage(start);
    this.#ring(TO_GUEST.START);
  }

  /** Sends a message whose parts are texts, and listens for what comes back. */
  send(kind: number, first = "", second = "", third = ""): void {
    const words = this.words;
    this.#makeRoom(first, second, third);
    const data = this.#data;
    const firstBytes = data.write(first, 0);
    const secondBytes = second === "" ? 0 : data.write(second, firstBytes);
    const thirdBytes = third === "" ? 0 : data.write(third, firstBytes + secondBytes);
    words[WORD.LENGTH_0] = firstBytes;
    words[WORD.LENGTH_1] = secondBytes;
    words[WORD.LENGTH_2] = thirdBytes;
    this.#ring(kind);
  }

  #ring(kind: number): void {
    const words = this.words;
    words[WORD.KIND] = kind;
    Atomics.add(words, WORD.GUEST_BELL, 1);
    Atomics.notify(words, WORD.GUEST_BELL);
    this.#patience = words[WORD.ALONE] === 0 ? null : this.#patienceFor(kind);
    this.#turns = this.#patience?.take() ?? 0;
    if (this.#turns > 0) setImmediate(this.#onTurn);
    else this.#listen();
  }

  /** With what may be answered within microseconds; a start and a job take longer. */
  #patienceFor(kind: number): Patience | null {
    if (kind === TO_GUEST.REPLY) return this.#nextRequest;
    return kind === TO_GUEST.HANDLE || kind === TO_GUEST.CALL ? this.#firstWord : null;
  }

  /** Looks whether the guest's side has rung, which costs a turn of the loop less than being woken by it. */
  #turn(): void {
    if (this.#gone) return;
    if (Atomics.load(this.words, WORD.HOST_BELL) !== this.#heard) {
      this.#patience?.reward();
      this.#hear();
    } else if (--this.#turns > 0) {
      setImmediate(this.#onTurn);
    } else {
      this.#patience?.punish();
      this.#listen();
    }
  }

  /** Stops whatever runs. Resolves once the thread is gone. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
    await this.exited;
  }

  #makeRoom(first: string, second: string, third: string): void {
    const characters = first.length + second.length + third.length;
    // Three bytes are the most that a UTF-16 unit takes: short texts need not be measured.
    const most = characters * 3;
    if (most <= this.#data.length && (this.#data.length <= DATA_KEEP_BYTES || most > DATA_BYTES)) return;
    const length = Buffer.byteLength(first) + Buffer.byteLength(second) + Buffer.byteLength(third);
    if (length > this.#data.length) this.#replaceData(roomFor(length));
    else if (this.#data.length > DATA_KEEP_BYTES && length <= DATA_BYTES) this.#replaceData(DATA_BYTES);
  }

  #replaceData(length: number): void {
    const data = new SharedArrayBuffer(length);
    this.#data = Buffer.from(data);
    this.#port.postMessage(data);
    this.words[WORD.NEW_DATA] = 1;
  }

  #listen(): void {
    const wait = Atomics.waitAsync(this.words, WORD.HOST_BELL, this.#heard);
    if (wait.async) void wait.value.then(this.#onBell);
    else queueMicrotask(this.#onBell);
  }

  #hear(): void {
    const bell = Atomics.load(this.words, WORD.HOST_BELL);
    if (this.#gone) return;
    if (bell === this.#heard) {
      this.#listen();
      return;
    }
    this.#heard = bell;
    if (this.words[WORD.NEW_DATA] !== 0) {
      this.words[WORD.NEW_DATA] = 0;
      // Proof: the guest's side sets NEW_DATA only after it has posted a SharedArrayBuffer.
      const received = receiveMessageOnPort(this.#port) as { readonly message: SharedArrayBuffer };
      this.#data = Buffer.from(received.message);
    }
    this.#listener?.onMessage(this.words[WORD.KIND] ?? 0);
  }
}
