import { isUtf8 } from "node:buffer";
import { envelopeJson, isEnvelope, OccasionalLine, parseJson, SpacedriveError, uuidFromBytes } from "@spacedrive/wire";
import type { GuestRegistration, HostCalls, JobCalls } from "../guest.js";
import type { GuestLimits } from "../limits.js";
import { METHOD_MAX_BYTES, TO_GUEST, TO_HOST, WORD } from "./channel-layout.js";
import type { GuestThread } from "./guest-thread.js";

/** A longer reply is not searched for the word that it was cancelled: an envelope is short. */
const MAX_ENVELOPE_CHARACTERS = 65_536;

/** Refused registrations that are remembered for a message. */
const MAX_REFUSED = 10;

export interface GuestRequestsOptions {
  /** Who the guest is. */
  readonly name: string;
  readonly thread: GuestThread;
  readonly host: HostCalls;
  readonly limits: GuestLimits;
  /** Handed to each operation. */
  readonly signal: AbortSignal;
  /** Called where a late answer cannot be sent. */
  readonly onFailure: (thrown: unknown) => void;
}

/** Serves what a guest waits for. Every request gets one reply, unless the instance has been given up by then. */
export class GuestRequests {
  readonly #name: string;
  readonly #thread: GuestThread;
  readonly #host: HostCalls;
  readonly #limits: GuestLimits;
  readonly #signal: AbortSignal;
  readonly #onFailure: (thrown: unknown) => void;
  readonly #refused: string[] = [];
  readonly #refusals = new OccasionalLine();
  readonly #id = Buffer.alloc(16);
  #library = "";
  #request = 0;
  #serving = false;
  #stopped = false;

  constructor({ name, thread, host, limits, signal, onFailure }: GuestRequestsOptions) {
    this.#name = name;
    this.#thread = thread;
    this.#host = host;
    this.#limits = limits;
    this.#signal = signal;
    this.#onFailure = onFailure;
  }

  /** True while the guest waits for an operation or a checkpoint. */
  get serving(): boolean {
    return this.#serving;
  }

  /** The first registrations that the host refused, as the guest named them. */
  get refused(): readonly string[] {
    return this.#refused;
  }

  /** From now on nothing is answered: a late answer must not reach whoever uses the thread next. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * @throws SpacedriveError what ends the instance.
   */
  serve(kind: number, job: JobCalls | null): void {
    this.#request = this.#thread.words[WORD.REQUEST] ?? 0;
    switch (kind) {
      case TO_HOST.CALL:
        return this.#call(job !== null);
      case TO_HOST.CHECKPOINT:
        return this.#checkpoint(job);
      case TO_HOST.REGISTER_JOB:
      case TO_HOST.REGISTER_OPERATION:
        return this.#register(kind);
      case TO_HOST.FAIL:
        job?.fail(this.#part(0, this.#length(0)));
        return this.#answer(0);
      case TO_HOST.COMPLETE:
        return this.#complete(job);
      case TO_HOST.DRAIN:
        return this.#answer(0);
      default:
        throw new SpacedriveError("INTERNAL", `The thread of "${this.#name}" sent the unknown message ${kind}.`);
    }
  }

  /** What a call into the guest answered. */
  answerText(exportName: string): string {
    const length = this.#length(0);
    const text = this.#part(0, length);
    if (this.#isText(text, 0, length)) return text;
    throw new SpacedriveError(
      "GUEST_ABI_VIOLATION",
      `"${this.#name}" answered from "${exportName}" with bytes that are not UTF-8.`,
    );
  }

  #call(inJob: boolean): void {
    const oversize = (this.#thread.words[WORD.OVERSIZE] ?? 0) >>> 0;
    if (oversize !== 0) return this.#reply(envelopeJson(this.#oversizeError(oversize)), inJob);
    const methodLength = this.#length(0);
    const payloadLength = this.#length(1);
    const method = this.#part(0, methodLength);
    const payload = this.#part(methodLength, payloadLength);
    if (!this.#isText(method, 0, methodLength) || !this.#isText(payload, methodLength, payloadLength)) {
      return this.#reply(
        envelopeJson(new SpacedriveError("INVALID_INPUT", "The method or payload is not UTF-8. Send JSON text.")),
        inJob,
      );
    }
    const answer = this.#open();
    let called: Promise<string>;
    try {
      called = Promise.resolve(this.#host.call({ method, library: this.#libraryId(), payload, signal: this.#signal }));
    } catch (thrown) {
      called = Promise.reject(thrown);
    }
    called.then(
      (reply) => answer(() => this.#reply(reply, inJob)),
      (thrown: unknown) => answer(() => this.#reply(envelopeJson(thrown), inJob)),
    );
  }

  #oversizeError(bytes: number): SpacedriveError {
    const limit = this.#limits.maxPayloadBytes;
    return bytes > limit
      ? new SpacedriveError(
          "PAYLOAD_TOO_LARGE",
          `The payload has ${bytes} bytes and ${limit} are allowed. Send less, or in parts.`,
        )
      : new SpacedriveError(
          "INVALID_INPUT",
          `The method has ${bytes} bytes and ${METHOD_MAX_BYTES} are allowed. Name one of Wire's methods.`,
        );
  }

  #checkpoint(job: JobCalls | null): void {
    const oversize = this.#thread.words[WORD.OVERSIZE] ?? 0;
    const length = this.#length(0);
    const state = this.#part(0, length);
    if (oversize !== 0) {
      const size = `${oversize >>> 0} bytes and ${this.#limits.maxPayloadBytes} are allowed`;
      this.#warn(`A checkpoint was refused: its state has ${size}.`);
    } else if (!this.#isText(state, 0, length)) {
      this.#warn("A checkpoint was refused: its state is not UTF-8.");
    } else if (job !== null) {
      const answer = this.#open();
      let saved: Promise<boolean>;
      try {
        saved = job.checkpoint(state);
      } catch (thrown) {
        saved = Promise.reject(thrown);
      }
      saved.then(
        (durable) => answer(() => this.#answer(durable ? 1 : 0)),
        () => answer(() => this.#answer(0)),
      );
      return;
    }
    this.#answer(0);
  }

  #warn(refusal: string): void {
    const line = this.#refusals.say(refusal);
    if (line !== null) this.#host.log("warn", line);
  }

  #register(kind: number): void {
    const value = this.#thread.words[WORD.VALUE] ?? 0;
    const nameLength = this.#length(0);
    const exportLength = this.#length(1);
    const name = this.#part(0, nameLength);
    const exportName = this.#part(nameLength, exportLength);
    const registration: GuestRegistration =
      kind === TO_HOST.REGISTER_JOB
        ? { kind: "job", name, exportName, resumable: value !== 0 }
        : { kind: value === 0 ? "query" : "action", name, exportName };
    const isText = this.#isText(name, 0, nameLength) && this.#isText(exportName, nameLength, exportLength);
    const taken = isText && this.#host.register(registration);
    if (!taken && this.#refused.length < MAX_REFUSED) this.#refused.push(`${registration.kind} "${name}"`);
    this.#answer(taken ? 1 : 0);
  }

  #complete(job: JobCalls | null): void {
    const oversize = this.#thread.words[WORD.OVERSIZE] ?? 0;
    if (oversize !== 0) {
      throw new SpacedriveError(
        "REPLY_TOO_LARGE",
        `"${this.#name}" completed its job with ${oversize >>> 0} bytes and ${this.#limits.maxReplyBytes} are allowed. Answer less, or in parts.`,
      );
    }
    const length = this.#length(0);
    const result = this.#part(0, length);
    if (!this.#isText(result, 0, length)) {
      throw new SpacedriveError(
        "GUEST_ABI_VIOLATION",
        `"${this.#name}" completed its job with bytes that are not UTF-8.`,
      );
    }
    job?.complete(result);
    this.#answer(0);
  }

  /** Takes the request as pending; what it answers runs `reply` only while that very request still waits. */
  #open(): (reply: () => void) => void {
    const request = this.#request;
    this.#serving = true;
    return (reply) => {
      if (this.#stopped || this.#request !== request || !this.#serving) return;
      this.#serving = false;
      try {
        reply();
      } catch (thrown) {
        this.#onFailure(thrown);
      }
    };
  }

  #reply(reply: unknown, inJob: boolean): void {
    const text = typeof reply === "string" ? reply : envelopeJson(new TypeError("The host answered no text."));
    const limit = this.#limits.maxReplyBytes;
    const words = this.#thread.words;
    words[WORD.REPLY_TO] = this.#request;
    if (text.length * 3 > limit && Buffer.byteLength(text) > limit) {
      const error = new SpacedriveError(
        "REPLY_TOO_LARGE",
        `The answer has more than the ${limit} bytes that are allowed. Ask for less, or in parts.`,
      );
      return this.#thread.send(TO_GUEST.REPLY, envelopeJson(error));
    }
    if (inJob && isCancelled(text)) words[WORD.INTERRUPT_SEEN] = 1;
    this.#thread.send(TO_GUEST.REPLY, text);
  }

  #answer(value: 0 | 1): void {
    const words = this.#thread.words;
    words[WORD.REPLY_TO] = this.#request;
    words[WORD.VALUE] = value;
    this.#thread.send(TO_GUEST.REPLY);
  }

  #length(part: 0 | 1): number {
    return this.#thread.words[WORD.LENGTH_0 + part] ?? 0;
  }

  #part(start: number, length: number): string {
    return length === 0 ? "" : this.#thread.data.toString("utf8", start, start + length);
  }

  /** Only a text with a replacement character can have been broken, so only such a one is looked at again. */
  #isText(text: string, start: number, length: number): boolean {
    return !text.includes("\uFFFD") || isUtf8(this.#thread.data.subarray(start, start + length));
  }

  /** A guest names one library nearly always: its text is made once. */
  #libraryId(): string | null {
    const words = this.#thread.words;
    if (words[WORD.HAS_ID] === 0) return null;
    let same = this.#library !== "";
    for (let i = 0; i < 4; i++) {
      const word = words[WORD.ID + i] ?? 0;
      if (this.#id.readInt32LE(4 * i) !== word) {
        this.#id.writeInt32LE(word, 4 * i);
        same = false;
      }
    }
    if (!same) this.#library = uuidFromBytes(this.#id);
    return this.#library;
  }
}

function isCancelled(text: string): boolean {
  if (text.length > MAX_ENVELOPE_CHARACTERS || !text.includes('"CANCELLED"')) return false;
  try {
    const value = parseJson(text, "The answer");
    return isEnvelope(value) && value.code === "CANCELLED";
  } catch {
    return false;
  }
}
