import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { PlayedGuest } from "../guest-check.js";
import { freshScript, type StrictScript } from "../strict-host-functions.js";
import { ASK, answerAsk, awaitAsk, CHANNEL_BYTES, createShared, type GuestAsk, openChannel } from "./channel.js";
import { type Fields, StrictRecords, writeMessage } from "./strict-records.js";
import { jsonOfText, serveStrictly } from "./strict-requests.js";
import type { WasiGuestOrder } from "./wasi-guest-worker.js";
import { wasiProblem } from "./wasi-problem.js";

const METHOD_NOT_FOUND = -32601;
/** A guest that looks again and again whether its input has ended does not end. */
const MOST_READS_AT_THE_END = 100;

/** How the strict host speaks to a guest that must bear it. */
export interface WasiManners {
  /** Bytes that one `fd_read` gives at most. Default 64 KiB. */
  readonly maxRead?: number;
  /** Bytes that one `fd_write` takes at most. Default 64 KiB. */
  readonly maxWrite?: number;
  /** The id of a command, by how many came before it. Default: 1, 2, 3, … */
  readonly commandId?: (count: number) => number | string;
  /** Adds fields that a guest does not know to what the host sends. */
  readonly dress?: (message: Fields) => Fields;
}

/** What a guest answered: a result, or an error. */
type Answer = { readonly result: unknown } | { readonly error: Fields };

/** One instance of a command that must do nothing wrong, on a host that answers as a check wants. */
export class WasiStrictGuest implements PlayedGuest {
  readonly script: StrictScript = freshScript();
  readonly #manners: WasiManners;
  readonly #worker: Worker;
  readonly #channel = createShared();
  readonly #records = new StrictRecords((message) => this.#onRecord(message));
  readonly #errorText: string[] = [];
  #input: Uint8Array = new Uint8Array();
  #commands = 0;
  #id: number | string = 0;
  #answer: Answer | null = null;
  /** Something that the guest asked, and that it sleeps for until it is answered. */
  #ask: GuestAsk | null = null;

  /** Starts the thread, and the guest by its first command. */
  constructor(module: WebAssembly.Module, manners: WasiManners = {}) {
    this.#manners = manners;
    const order: WasiGuestOrder = { module, shared: this.#channel };
    const execArgv = ["--disable-warning=ExperimentalWarning"];
    this.#worker = new Worker(workerUrl(), { workerData: order, execArgv });
    // What it cannot tell by the channel nobody waits for.
    this.#worker.on("error", () => {});
    const answer = this.#command("start", { protocol: 1 });
    if ("error" in answer) throw wasiProblem("4", `It answered start with the error ${JSON.stringify(answer.error)}`);
    if (answer.result !== 1) {
      throw wasiProblem("4", `It answered start with ${JSON.stringify(answer.result)}, and speaks version 1.`);
    }
    this.script.starting = false;
  }

  handle(name: string, input: unknown, context: unknown = { library_id: null, caller: "user" }): unknown {
    const exportName = this.#registered(name);
    const answer = this.command("handle", {
      export: exportName,
      context: JSON.stringify(context),
      input: JSON.stringify(input),
    });
    if ("error" in answer) {
      const { code, message } = answer.error;
      if (code === METHOD_NOT_FOUND)
        throw wasiProblem("4", `It does not know "${exportName}", the export of "${name}".`);
      return { error: message, code: "OPERATION_FAILED", retryable: false };
    }
    return jsonOfText(`Its answer of "${name}"`, answer.result);
  }

  runJob(name: string, state: unknown): number {
    const exportName = this.#registered(name);
    this.script.job = randomUUID();
    try {
      const answer = this.command("job", {
        export: exportName,
        context: JSON.stringify({ job_id: this.script.job, library_id: randomUUID(), from_a_later_version: true }),
        state: state === undefined ? "" : JSON.stringify(state),
      });
      if ("error" in answer) {
        if (answer.error["code"] === METHOD_NOT_FOUND) throw wasiProblem("4", `It does not know the job "${name}".`);
        this.script.reason = String(answer.error["message"]);
        return 2;
      }
      const { result } = answer;
      if (result === 0 || result === 1 || result === 2 || result === 3) return result;
      throw wasiProblem("4", `The answer to a job is 0, 1, 2 or 3, and its was ${JSON.stringify(result)}.`);
    } finally {
      this.script.job = null;
    }
  }

  /** Sends a command, serves what the guest asks, and answers what it answers. */
  command(method: string, params: Fields): Answer {
    return this.#command(method, params);
  }

  /** Tells the guest that it is not needed any more, and sees it end by itself. */
  end(): void {
    const channel = openChannel(this.#channel);
    for (let reads = 0; reads <= MOST_READS_AT_THE_END; ) {
      const asked = this.#ask ?? awaitAsk(channel);
      this.#ask = asked;
      if (asked.kind === ASK.EXIT) return;
      if (asked.kind === ASK.READ) {
        reads++;
        this.#goOn(0);
      } else this.#serve(asked, channel.bytes);
    }
    throw wasiProblem("3", "It does not end where its standard input has ended: it reads on and on.");
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #command(method: string, params: Fields): Answer {
    const { commandId = (count: number) => count + 1 } = this.#manners;
    this.#id = commandId(this.#commands++);
    this.#answer = null;
    this.#send({ jsonrpc: "2.0", id: this.#id, method, params });
    const channel = openChannel(this.#channel);
    for (;;) {
      const asked = this.#ask ?? awaitAsk(channel);
      this.#ask = asked;
      if (asked.kind === ASK.READ && this.#input.length === 0) {
        // It waits for the next command.
        if (this.#answer !== null) return this.#answer;
        throw wasiProblem("6", `It reads standard input while the host waits for its answer to ${method}.`);
      }
      this.#serve(asked, channel.bytes);
    }
  }

  #serve({ kind, operand, length }: GuestAsk, bytes: Uint8Array): void {
    const { maxRead = CHANNEL_BYTES, maxWrite = CHANNEL_BYTES } = this.#manners;
    switch (kind) {
      case ASK.READ: {
        const part = this.#input.subarray(0, Math.min(length, maxRead));
        bytes.set(part);
        this.#input = this.#input.subarray(part.length);
        return this.#goOn(part.length);
      }
      case ASK.WRITE: {
        const part = bytes.slice(0, Math.min(length, maxWrite));
        if (operand === 1) this.#records.push(part);
        else this.#errorText.push(new TextDecoder().decode(part));
        return this.#goOn(part.length);
      }
      case ASK.EXIT:
        throw wasiProblem("3", `It exited with code ${operand}${this.#answered()}.${this.#lastWords()}`);
      default:
        throw wasiProblem("6", `It trapped: ${new TextDecoder().decode(bytes.slice(0, length))}${this.#lastWords()}`);
    }
  }

  #goOn(length: number): void {
    this.#ask = null;
    answerAsk(openChannel(this.#channel), length);
  }

  #onRecord(message: Fields): void {
    const { id, method, params } = message;
    if (method === undefined) return this.#onAnswer(message);
    if (typeof method !== "string") throw wasiProblem("2", "The method of its request is not a string.");
    if (this.#answer !== null && (method !== "log" || id !== undefined)) {
      throw wasiProblem("3", `It sent the request "${method}" after its answer: only a log without an id may follow.`);
    }
    if (id !== undefined && this.#input.length > 0) {
      throw wasiProblem("3", `It sent the request "${method}" before it had read what the host sent last.`);
    }
    if (params !== undefined && (typeof params !== "object" || params === null || Array.isArray(params))) {
      throw wasiProblem("2", `The params of its request "${method}" are not named.`);
    }
    const result = serveStrictly(method, { ...params }, this.script);
    if (id === undefined) return;
    const interrupt = this.script.job === null ? 0 : this.script.interrupt(this.script.asked);
    this.#send({ jsonrpc: "2.0", id, interrupt, result });
  }

  #onAnswer({ id, result, error }: Fields): void {
    if (id !== this.#id || this.#answer !== null) {
      throw wasiProblem(
        "6",
        `It answered ${JSON.stringify(id)}, which is not under way (${JSON.stringify(this.#id)} is).`,
      );
    }
    if (error === undefined) {
      if (result === undefined) throw wasiProblem("2", "Its answer has neither a result nor an error.");
      this.#answer = { result };
      return;
    }
    if (typeof error !== "object" || error === null) throw wasiProblem("2", "The error in its answer is no object.");
    const fields: Fields = { ...error };
    if (!Number.isInteger(fields["code"]) || typeof fields["message"] !== "string") {
      throw wasiProblem("2", "The error in its answer needs code, a whole number, and message, a string.");
    }
    this.#answer = { error: fields };
  }

  #send(message: Fields): void {
    const { dress = (plain: Fields) => plain } = this.#manners;
    this.#input = writeMessage(dress(message));
  }

  #registered(name: string): string {
    const found = this.script.registered.find((entry) => entry.name === name);
    if (found === undefined) throw wasiProblem("5", `It has not registered "${name}", which the test extension needs.`);
    return found.exportName;
  }

  #answered(): string {
    return this.#answer === null ? " before it had answered" : " after its answer";
  }

  #lastWords(): string {
    const last = this.#errorText.join("").trimEnd().split("\n").at(-1) ?? "";
    return last === "" ? "" : ` It last wrote to standard error: ${last}`;
  }
}

function workerUrl(): URL {
  // By the package's own name: this module lies at another depth once it is bundled.
  const packageFile = createRequire(import.meta.url).resolve("@spacedrive/abi-kit/package.json");
  return pathToFileURL(join(dirname(packageFile), "dist", "wasi-guest-worker.js"));
}
