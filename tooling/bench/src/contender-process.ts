import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FromContender, ToContender } from "./contender-messages.ts";

const MAIN = fileURLToPath(new URL("./contender-main.ts", import.meta.url));

/** How long a contender has to go away after it was closed; then it is killed, and nobody is the worse for it. */
const CLOSE_MS = 5000;

/** A contender in a process of its own, so that no flag, thread or cache of one reaches another. */
export class ContenderProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #label: string;

  private constructor(child: ChildProcess, label: string) {
    this.#child = child;
    this.#label = label;
  }

  /** Starts the process and waits until the contender is ready. `label` stands in messages. */
  static async open(line: string, contender: string, label: string, quick: boolean): Promise<ContenderProcess> {
    const child = fork(MAIN, [line, contender, quick ? "quick" : "full"], {
      serialization: "advanced",
      execArgv: ["--disable-warning=ExperimentalWarning"],
      // What a contender prints is not part of the table.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const started = new ContenderProcess(child, label);
    await started.#next("opened");
    return started;
  }

  async round(): Promise<readonly number[]> {
    this.#send({ type: "round" });
    const answer = await this.#next("samples");
    return answer.type === "samples" ? answer.samples : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    if (this.#child.connected) this.#send({ type: "close" });
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), CLOSE_MS);
    await gone;
    clearTimeout(timer);
  }

  #send(message: ToContender): void {
    this.#child.send(message);
  }

  async #next(expected: FromContender["type"]): Promise<FromContender> {
    const listening = new AbortController();
    const { signal } = listening;
    try {
      const message = await Promise.race([
        // Proof: contender-main sends nothing but FromContender.
        once(this.#child, "message", { signal }).then(([sent]) => sent as FromContender),
        once(this.#child, "exit", { signal }).then(([code, killedBy]) => {
          throw new Error(`${this.#label}: its process ended with ${killedBy ?? code}`);
        }),
      ]);
      if (message.type === expected) return message;
      throw new Error(`${this.#label}: ${message.type === "failed" ? message.reason : `unexpected ${message.type}`}`);
    } finally {
      listening.abort();
    }
  }
}
