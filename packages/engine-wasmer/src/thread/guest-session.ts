import {
  type GuestEnd,
  GuestFault,
  type GuestLimits,
  type GuestLink,
  printableLine,
  TO_GUEST,
  TO_HOST,
  WORD,
} from "@spacedrive/runtime/engine";
import { JsonScanner, type JsonValue } from "../protocol/json-scanner.js";
import { LineReader } from "../protocol/line-reader.js";
import { maxRecordBytes, METHOD_NOT_FOUND, WASI_PROTOCOL_VERSION } from "../protocol/protocol.js";
import { type GuestMessage, readMessage } from "../protocol/read-message.js";
import { ProtocolViolation, type RecordListener, RecordReader } from "../protocol/record-reader.js";
import { type TextRange, writeRecord } from "../protocol/write-record.js";
import { serveRequest } from "./guest-requests.js";

const INFO = 1;
const WARN = 2;
const FAILED = 2;
/** Of a guest's own texts in the host's messages: never more of them is made a string. */
const MAX_SHOWN_BYTES = 500;
const INTEGER = /^-?[0-9]{1,10}$/;

/**
 * Translates between the host's channel and the records of a command: what comes on its standard output is served as a
 * module's host functions are, and what the host wants of it is put on its standard input. How bytes reach the command
 * and come from it is a transport's matter.
 */
export class GuestSession implements RecordListener {
  readonly #end: GuestEnd;
  readonly #link: GuestLink;
  readonly #words: Int32Array;
  readonly #scanner = new JsonScanner();
  readonly #reader: RecordReader;
  readonly #errors: LineReader;
  readonly #maxReplyBytes: number;
  /** What the guest has not read yet. */
  readonly #input: Buffer[] = [];
  #command: number = TO_GUEST.START;
  #commandId = 0;
  #answered = false;
  #closing = false;
  #value = 0;
  #known = true;
  #started = false;
  #lastError = "";

  constructor(end: GuestEnd, link: GuestLink, limits: GuestLimits) {
    this.#end = end;
    this.#link = link;
    this.#words = end.words;
    this.#maxReplyBytes = limits.maxReplyBytes;
    this.#reader = new RecordReader(this, maxRecordBytes(limits));
    this.#errors = new LineReader({ onLine: (buffer, start, length) => this.#onErrorLine(buffer, start, length) });
    this.#send("start", [`"protocol":${WASI_PROTOCOL_VERSION}`]);
  }

  /** True once the command that is under way has its answer. */
  get answered(): boolean {
    return this.#answered;
  }

  /** True once the host wants nothing more: standard input has ended. */
  get closing(): boolean {
    return this.#closing;
  }

  get hasInput(): boolean {
    return this.#input.length > 0;
  }

  /** The next bytes for standard input, or null where there are none yet. */
  takeInput(maxBytes: number): Buffer | null {
    const first = this.#input[0];
    if (first === undefined) return null;
    if (first.length <= maxBytes) this.#input.shift();
    else this.#input[0] = first.subarray(maxBytes);
    return first.subarray(0, maxBytes);
  }

  /** Bytes that the guest wrote to standard output. Does not come back where they break the protocol. */
  writeOutput(buffer: Buffer, start: number, length: number): void {
    this.#link.beat();
    try {
      this.#reader.push(buffer, start, length);
    } catch (thrown) {
      throw thrown instanceof ProtocolViolation ? new GuestFault("protocol", thrown.message) : thrown;
    }
  }

  /** Bytes that the guest wrote to standard error. */
  writeError(buffer: Buffer, start: number, length: number): void {
    this.#link.beat();
    this.#errors.push(buffer, start, length);
  }

  /** Tells the host that the command which was answered is over, and sleeps until it sends the next, or the end. */
  nextCommand(pages: number): void {
    this.#finish(pages);
    this.#command = this.#end.awaitCommand();
    if (this.#command === TO_GUEST.DROP) {
      this.#closing = true;
      return;
    }
    const { data } = this.#end;
    const words = this.#words;
    const name = { buffer: data, start: 0, length: words[WORD.LENGTH_0] ?? 0 };
    const context = { buffer: data, start: name.length, length: words[WORD.LENGTH_1] ?? 0 };
    const input = { buffer: data, start: name.length + context.length, length: words[WORD.LENGTH_2] ?? 0 };
    this.#answered = false;
    this.#value = 0;
    this.#known = true;
    switch (this.#command) {
      case TO_GUEST.CALL:
        return this.#send("call", ['"export":', name]);
      case TO_GUEST.HANDLE:
        return this.#send("handle", ['"export":', name, ',"context":', context, ',"input":', input]);
      case TO_GUEST.JOB:
        return this.#send("job", ['"export":', name, ',"context":', context, ',"state":', input]);
      default:
        throw new GuestFault("trap", `the host sent the unknown command ${this.#command}`);
    }
  }

  /** The guest has come to its end by itself: after an answer that still counts, and the next command fails. */
  exited(code: number, pages: number): never {
    this.#reader.finish();
    this.#errors.finish();
    if (this.#closing) {
      this.#end.tell(TO_HOST.END);
      return this.#end.sleepForEver();
    }
    const said = this.#lastError === "" ? "" : `; it last wrote to standard error: ${this.#lastError}`;
    if (!this.#answered)
      this.fault(new GuestFault("exited", `it exited with code ${code} before it had answered${said}`), pages);
    this.#finish(pages);
    this.#end.awaitCommand();
    this.fault(new GuestFault("exited", `it had exited with code ${code} after its last answer${said}`), pages);
  }

  /** Tells the host, and sleeps until it terminates the thread. */
  fault(fault: GuestFault, pages: number): never {
    this.#errors.finish();
    this.#link.tellFault(fault, pages);
    return this.#end.sleepForEver();
  }

  /** The thread runs the other transport's file. */
  misplaced(mine: string, asked: string): never {
    const which = `the engine's option workerUrl names the worker of the transport "${mine}", and the engine runs "${asked}"`;
    return this.fault(
      new GuestFault("init-failed", `${which}. Pass the worker and the transport that belong together`),
      0,
    );
  }

  /** The guest wants input where none will come. */
  stuck(): GuestFault {
    return new GuestFault("protocol", "it reads standard input while the host waits for its answer");
  }

  onRecord(buffer: Buffer, start: number, length: number): void {
    const message = readMessage(this.#scanner, buffer, start, length);
    if (message.kind === "request") this.#serve(message);
    else this.#answer(message);
  }

  onLine(buffer: Buffer, start: number, length: number): void {
    this.#link.log(INFO, buffer, start, length);
  }

  #onErrorLine(buffer: Buffer, start: number, length: number): void {
    this.#lastError = shown({ buffer, start, length });
    this.#link.log(WARN, buffer, start, length);
  }

  #serve(message: GuestMessage): void {
    const { id, method } = message;
    if (this.#answered && (method !== "log" || id !== null)) {
      throw new ProtocolViolation("it sends a request after its answer: only a log without id may follow");
    }
    if (id !== null && this.#input.length > 0) {
      throw new ProtocolViolation("it sends a request before it has read what the host sent last");
    }
    const inJob = this.#command === TO_GUEST.JOB;
    const result = serveRequest(message, this.#link, { starting: !this.#started, inJob });
    if (id === null) return;
    const head = `{"jsonrpc":"2.0","id":${id},"interrupt":${inJob ? this.#link.interrupt() : 0},`;
    const pieces =
      result === null
        ? [`"error":{"code":${METHOD_NOT_FOUND},"message":"The host has no such method."}}`]
        : ['"result":', result, "}"];
    this.#input.push(writeRecord([head, ...pieces]));
  }

  #answer(message: GuestMessage): void {
    if (this.#answered || message.id !== String(this.#commandId)) {
      throw new ProtocolViolation(`it answers a request ${message.id} that is not under way`);
    }
    if (message.kind === "failure") this.#fail(message);
    else if (message.result !== null) this.#succeed(message.result);
    this.#answered = true;
  }

  #succeed(result: JsonValue): void {
    switch (this.#command) {
      case TO_GUEST.HANDLE:
        return this.#place(result);
      case TO_GUEST.START: {
        const version = result.number();
        if (version === WASI_PROTOCOL_VERSION) {
          this.#started = true;
          return;
        }
        const spoken = shown(result);
        throw new GuestFault(
          "abi-unsupported",
          `it speaks version ${spoken}; this host knows ${WASI_PROTOCOL_VERSION}`,
        );
      }
      default:
        this.#value = this.#code(result);
    }
  }

  #fail({ errorCode, errorMessage }: GuestMessage): void {
    const text = errorMessage === null ? `error ${errorCode}` : shown(errorMessage);
    if (this.#command === TO_GUEST.START) throw new GuestFault("init-failed", `it answered start with: ${text}`);
    if (errorCode === METHOD_NOT_FOUND) {
      this.#known = false;
      return;
    }
    switch (this.#command) {
      case TO_GUEST.JOB:
        if (errorMessage !== null) this.#link.fail(errorMessage.buffer, errorMessage.start, errorMessage.length);
        this.#value = FAILED;
        return;
      case TO_GUEST.HANDLE: {
        const envelope = JSON.stringify({ error: text, code: "OPERATION_FAILED", retryable: false });
        const buffer = Buffer.from(envelope);
        return this.#place({ buffer, start: 0, length: buffer.length });
      }
      default:
        throw new GuestFault("trap", `it answered with the error ${errorCode}: ${text}`);
    }
  }

  /** The channel's data is the thread's own until the host is told of the end. */
  #place(answer: TextRange): void {
    if (answer.length > this.#maxReplyBytes) {
      throw new GuestFault(
        "reply-too-large",
        `its answer has ${answer.length} bytes and ${this.#maxReplyBytes} are allowed`,
      );
    }
    this.#end.place(answer);
  }

  #code(result: JsonValue): number {
    const written = result.isString || result.length > 16 ? "" : result.written();
    if (written === "null") return 0;
    const value = INTEGER.test(written) ? Number(written) : Number.NaN;
    // Of 32 bits, with a sign or without one.
    if (value === (value | 0) || value === value >>> 0) return value | 0;
    throw new ProtocolViolation("its answer is not a whole number of 32 bits");
  }

  #finish(pages: number): void {
    this.#words[WORD.VALUE] = this.#value;
    this.#words[WORD.PAGES] = pages;
    this.#end.tell(this.#known ? TO_HOST.END : TO_HOST.NO_EXPORT);
  }

  #send(method: string, params: readonly (string | TextRange)[]): void {
    this.#commandId++;
    const head = `{"jsonrpc":"2.0","id":${this.#commandId},"method":"${method}","params":{`;
    this.#input.push(writeRecord([head, ...params, "}}"]));
  }
}

/** Fit to print, and short. */
function shown({ buffer, start, length }: TextRange): string {
  const text = buffer.toString("utf8", start, start + Math.min(length, MAX_SHOWN_BYTES));
  return printableLine(text, MAX_SHOWN_BYTES);
}
