import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FinisherReply, FinisherRequest } from "./host/finisher-messages.ts";

const FINISHER = fileURLToPath(new URL("host/finisher.ts", import.meta.url));

/** The process that brings runs to their end, one after the other; started again where it died. */
export class FinisherProcess implements AsyncDisposable {
  readonly #limitMs: number;
  #child: ChildProcess | null = null;

  /** @param limitMs how long one request may take. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  async ask(request: FinisherRequest): Promise<FinisherReply> {
    const child = (this.#child ??= fork(FINISHER, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] }));
    const answered = new AbortController();
    const { signal } = answered;
    const tooLong = setTimeout(() => child.kill("SIGKILL"), this.#limitMs);
    try {
      const reply = once(child, "message", { signal }).then(([value]) => {
        // Proof: the finisher sends nothing else.
        return value as FinisherReply;
      });
      const died = once(child, "exit", { signal }).then(([code, by]) => {
        this.#child = null;
        return failed(`the process that was to bring it to its end died or took too long (${String(by ?? code)})`);
      });
      child.send(request);
      return await Promise.race([reply, died]);
    } finally {
      clearTimeout(tooLong);
      answered.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return;
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
  }
}

function failed(problem: string): FinisherReply {
  return { problems: [problem], library: null };
}
