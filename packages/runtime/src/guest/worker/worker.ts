import { isMainThread, workerData } from "node:worker_threads";
import { GuestFault } from "../../abi/guest-fault.js";
import { GuestInstance } from "../../abi/guest-instance.js";
import { type StartMessage, type ThreadData, TO_GUEST, TO_HOST, WORD } from "./channel-layout.js";
import { GuestEnd } from "./guest-end.js";
import { GuestLink } from "./guest-link.js";
import { warmUp } from "./warm-up.js";

/*
 * A guest's thread: it sleeps until the host sends a command, runs it, and rings back. Its event loop never turns, so
 * there are no timers and no message events here; what the host posts is taken when it rings.
 */

/** Frames of a trap's stack; V8's default of 10 cuts off the author's own function. */
const STACK_FRAMES = 32;

class GuestThreadLoop {
  readonly #end: GuestEnd;
  readonly #link: GuestLink;
  readonly #words: Int32Array;
  #instance: GuestInstance | null = null;
  #maxReplyBytes = 0;

  constructor(data: ThreadData) {
    this.#end = new GuestEnd(data);
    this.#words = this.#end.words;
    this.#link = new GuestLink(this.#end, data.shared);
  }

  run(): never {
    warmUp(this.#link);
    // What it logged is nobody's: the host has not begun to read.
    this.#words[WORD.RING_HEAD] = this.#words[WORD.RING_TAIL] ?? 0;
    this.#end.tell(TO_HOST.READY);
    for (;;) {
      const command = this.#end.awaitCommand(this.#instance !== null);
      try {
        this.#execute(command);
        this.#words[WORD.PAGES] = this.#instance?.pages ?? 0;
        this.#end.tell(TO_HOST.END);
      } catch (thrown) {
        const fault =
          thrown instanceof GuestFault
            ? thrown
            : new GuestFault("trap", String(thrown), thrown instanceof Error ? thrown.stack : undefined);
        this.#link.tellFault(fault, this.#instance?.pages ?? 0);
      }
    }
  }

  #execute(command: number): void {
    const words = this.#words;
    const lengths = [words[WORD.LENGTH_0] ?? 0, words[WORD.LENGTH_1] ?? 0, words[WORD.LENGTH_2] ?? 0] as const;
    const buffer = this.#end.data;
    switch (command) {
      case TO_GUEST.START: {
        // Proof: the host posts a StartMessage before it sends START.
        const { module, maxPages, limits } = this.#end.receive() as StartMessage;
        this.#maxReplyBytes = limits.maxReplyBytes;
        this.#link.reset(limits);
        this.#instance = new GuestInstance(module, this.#link, maxPages);
        this.#instance.start();
        return;
      }
      case TO_GUEST.DROP:
        this.#instance = null;
        return;
      case TO_GUEST.CALL:
        words[WORD.VALUE] = this.#running().call(buffer.toString("utf8", 0, lengths[0]));
        return;
      case TO_GUEST.HANDLE: {
        const name = buffer.toString("utf8", 0, lengths[0]);
        const context = { buffer, start: lengths[0], length: lengths[1] };
        const input = { buffer, start: lengths[0] + lengths[1], length: lengths[2] };
        this.#running().handle(name, context, input, (memory, start, length) => {
          if (length > this.#maxReplyBytes) {
            throw new GuestFault(
              "reply-too-large",
              `"${name}" answered ${length} bytes and ${this.#maxReplyBytes} are allowed`,
            );
          }
          this.#end.place({ buffer: memory, start, length });
        });
        return;
      }
      case TO_GUEST.JOB: {
        const name = buffer.toString("utf8", 0, lengths[0]);
        const context = { buffer, start: lengths[0], length: lengths[1] };
        const state = { buffer, start: lengths[0] + lengths[1], length: lengths[2] };
        const job = [
          words[WORD.ID] ?? 0,
          words[WORD.ID + 1] ?? 0,
          words[WORD.ID + 2] ?? 0,
          words[WORD.ID + 3] ?? 0,
        ] as const;
        words[WORD.VALUE] = this.#running().runJob(name, job, context, state);
        return;
      }
      default:
        throw new GuestFault("trap", `the host sent the unknown command ${command}`);
    }
  }

  #running(): GuestInstance {
    if (this.#instance === null) throw new GuestFault("trap", "no instance has been started on this thread");
    return this.#instance;
  }
}

if (!isMainThread) {
  Error.stackTraceLimit = STACK_FRAMES;
  // Proof: GuestThread makes this data, and nothing else starts this file.
  new GuestThreadLoop(workerData as ThreadData).run();
}
