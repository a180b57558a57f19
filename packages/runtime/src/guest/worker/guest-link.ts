import type { GuestFault } from "../../abi/guest-fault.js";
import type { HostLane } from "../../abi/host-lane.js";
import type { HostLink } from "../../abi/host-link.js";
import type { GuestLimits } from "../limits.js";
import {
  COUNTER,
  COUNTERS_OFFSET,
  FAULT_KINDS,
  METHOD_MAX_BYTES,
  sharedBuffer,
  TO_HOST,
  WORD,
} from "./channel-layout.js";
import type { GuestEnd } from "./guest-end.js";
import { createJobLane } from "./job-lane.js";
import { ProgressWriter } from "./progress.js";
import { RING_RECORD_BYTES, RingWriter, WARNING_RECORD } from "./ring.js";
import { utf8Cut } from "./utf8-cut.js";

/** What a log line costs beside its bytes, so that a flood of empty ones is one too. */
const LOG_LINE_COST = 32;

/** The host functions' way out of a guest's thread. */
export class GuestLink implements HostLink {
  readonly #end: GuestEnd;
  readonly #words: Int32Array;
  readonly #counters: Float64Array;
  readonly #progress: ProgressWriter;
  readonly #ring: RingWriter;
  #limits: GuestLimits | null = null;
  #logBudget = 0;
  #logWindow = 0;

  readonly #memory: WebAssembly.Memory;

  constructor(end: GuestEnd, memory: WebAssembly.Memory) {
    const shared = sharedBuffer(memory);
    this.#memory = memory;
    this.#end = end;
    this.#words = end.words;
    this.#counters = new Float64Array(shared, COUNTERS_OFFSET, 2);
    this.#progress = new ProgressWriter(end.words, shared);
    this.#ring = new RingWriter(end.words, shared);
  }

  /** Begins a new instance on this thread. */
  reset(limits: GuestLimits): void {
    this.#limits = limits;
    this.#counters[COUNTER.BYTES] = 0;
    this.#counters[COUNTER.ITEMS] = 0;
    this.#logBudget = 0;
    this.#logWindow = 0;
  }

  lane(): HostLane | null {
    return createJobLane(this.#memory);
  }

  get reply(): Buffer<SharedArrayBuffer> {
    return this.#end.data;
  }

  beat(): void {
    this.#words[WORD.HEARTBEAT] = ((this.#words[WORD.HEARTBEAT] ?? 0) + 1) | 0;
  }

  call(
    memory: Buffer,
    method: number,
    methodLength: number,
    library: number,
    payload: number,
    payloadLength: number,
  ): number {
    const words = this.#words;
    const longPayload = payloadLength > this.#limit("maxPayloadBytes");
    const oversize = longPayload || methodLength > METHOD_MAX_BYTES;
    words[WORD.OVERSIZE] = longPayload ? payloadLength : oversize ? methodLength : 0;
    words[WORD.HAS_ID] = library < 0 ? 0 : 1;
    if (library >= 0) for (let i = 0; i < 4; i++) words[WORD.ID + i] = memory.readInt32LE(library + 4 * i);
    this.#end.place(
      { buffer: memory, start: method, length: Math.min(methodLength, METHOD_MAX_BYTES) },
      { buffer: memory, start: payload, length: oversize ? 0 : payloadLength },
    );
    this.#end.ask(TO_HOST.CALL);
    return words[WORD.LENGTH_0] ?? 0;
  }

  log(level: number, memory: Buffer, message: number, length: number): void {
    const most = Math.min(this.#limit("maxLogLineBytes"), RING_RECORD_BYTES);
    const kept = utf8Cut(memory, message, length, most);
    const cost = kept + LOG_LINE_COST;
    this.#logBudget -= cost;
    if (this.#logBudget < 0 && !this.#renewLogBudget(cost)) {
      Atomics.add(this.#words, WORD.LOGS_DROPPED, 1);
      return;
    }
    const known = level <= 3 ? level : 1;
    if (!this.#ring.write(known, memory, message, kept, length - kept)) Atomics.add(this.#words, WORD.LOGS_DROPPED, 1);
  }

  progress(fraction: number, memory: Buffer, message: number, length: number): void {
    this.#progress.write(fraction, memory, message, length);
  }

  checkpoint(memory: Buffer, state: number, length: number): boolean {
    const words = this.#words;
    const oversize = length > this.#limit("maxPayloadBytes");
    words[WORD.OVERSIZE] = oversize ? length : 0;
    this.#end.place({ buffer: memory, start: state, length: oversize ? 0 : length });
    this.#end.ask(TO_HOST.CHECKPOINT);
    return words[WORD.VALUE] === 1;
  }

  interrupt(): number {
    const value = Atomics.load(this.#words, WORD.INTERRUPT);
    if (value !== 0) this.#words[WORD.INTERRUPT_SEEN] = 1;
    return value;
  }

  warning(memory: Buffer, message: number, length: number): void {
    const most = Math.min(this.#limit("maxLogLineBytes"), RING_RECORD_BYTES);
    const kept = utf8Cut(memory, message, length, most);
    // A warning is kept with the job, so it waits for room where a log line is dropped.
    while (!this.#ring.write(WARNING_RECORD, memory, message, kept, length - kept)) this.#end.ask(TO_HOST.DRAIN);
  }

  addBytes(count: bigint): void {
    this.#add(COUNTER.BYTES, count);
  }

  addItems(count: bigint): void {
    this.#add(COUNTER.ITEMS, count);
  }

  registerJob(
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
    resumable: boolean,
  ): boolean {
    this.#words[WORD.VALUE] = resumable ? 1 : 0;
    return this.#register(TO_HOST.REGISTER_JOB, memory, name, nameLength, exportName, exportLength);
  }

  registerOperation(
    kind: 0 | 1,
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
  ): boolean {
    this.#words[WORD.VALUE] = kind;
    return this.#register(TO_HOST.REGISTER_OPERATION, memory, name, nameLength, exportName, exportLength);
  }

  fail(memory: Buffer, message: number, length: number): void {
    const kept = utf8Cut(memory, message, length, this.#limit("maxLogLineBytes"));
    this.#end.place({ buffer: memory, start: message, length: kept });
    this.#end.ask(TO_HOST.FAIL);
  }

  complete(memory: Buffer, result: number, length: number): void {
    const oversize = length > this.#limit("maxReplyBytes");
    this.#words[WORD.OVERSIZE] = oversize ? length : 0;
    this.#end.place({ buffer: memory, start: result, length: oversize ? 0 : length });
    this.#end.ask(TO_HOST.COMPLETE);
  }

  /** Tells the host, and sleeps until it terminates the thread: the guest never goes on. */
  end(fault: GuestFault): never {
    this.tellFault(fault, 0);
    return this.#end.sleepForEver();
  }

  tellFault(fault: GuestFault, pages: number): void {
    const message = Buffer.from(fault.message);
    const stack = Buffer.from(fault.stack ?? "");
    this.#words[WORD.VALUE] = FAULT_KINDS.indexOf(fault.kind);
    this.#words[WORD.PAGES] = pages;
    this.#end.place(
      { buffer: message, start: 0, length: message.length },
      { buffer: stack, start: 0, length: stack.length },
    );
    this.#end.tell(TO_HOST.FAULT);
  }

  #add(counter: number, count: bigint): void {
    const counted = (this.#counters[counter] ?? 0) + Number(BigInt.asUintN(64, count));
    this.#counters[counter] = Math.min(Number.MAX_SAFE_INTEGER, counted);
  }

  #register(
    kind: number,
    memory: Buffer,
    name: number,
    nameLength: number,
    exportName: number,
    exportLength: number,
  ): boolean {
    this.#end.place(
      { buffer: memory, start: name, length: nameLength },
      { buffer: memory, start: exportName, length: exportLength },
    );
    this.#end.ask(kind);
    return this.#words[WORD.VALUE] === 1;
  }

  /** The budget of a new second, if one has begun. */
  #renewLogBudget(cost: number): boolean {
    // Not performance.now(): the first use of that global loads 250 KB into each thread.
    const now = process.uptime();
    if (now - this.#logWindow < 1 && this.#logWindow !== 0) return false;
    this.#logWindow = now;
    this.#logBudget = this.#limit("maxLogBytesPerSecond") - cost;
    return this.#logBudget >= 0;
  }

  #limit(name: keyof GuestLimits): number {
    return this.#limits?.[name] ?? 0;
  }
}
