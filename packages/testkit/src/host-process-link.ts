import { type ChildProcess, fork } from "node:child_process";
import { SpacedriveError } from "@spacedrive/wire";
import { faultOf, type HostEvent, type HostLink, type HostSettings } from "./host-link.js";
import type { FromHostProcess, ToHostProcess } from "./host-process-messages.js";

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A host in a process of its own, which can be ended with SIGKILL at any moment, as a crash or a power cut would. */
export async function openHostProcess(settings: HostSettings, onEvent: (event: HostEvent) => void): Promise<HostLink> {
  const child = fork(new URL("./host-process.js", import.meta.url), {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const link = new HostProcessLink(child, onEvent);
  await link.open(settings);
  return link;
}

class HostProcessLink implements HostLink {
  readonly #child: ChildProcess;
  readonly #onEvent: (event: HostEvent) => void;
  readonly ended: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #opening: Waiting | null = null;
  #sequence = 0;
  /** Why nothing is answered any more; null while it runs. */
  #ended: SpacedriveError | null = null;

  constructor(child: ChildProcess, onEvent: (event: HostEvent) => void) {
    this.#child = child;
    this.#onEvent = onEvent;
    child.on("message", (message: FromHostProcess) => this.#receive(message));
    // A message to a process that is going away: its exit says so.
    child.on("error", () => {});
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#end(
          new SpacedriveError("CLOSED", `The process of the test host ended (${signal ?? `exit code ${code}`}).`),
        );
        resolve();
      });
    });
  }

  readonly kill = async (): Promise<void> => {
    this.#end(new SpacedriveError("CLOSED", "The test host was killed. Call restart() to start it again."));
    this.#child.kill("SIGKILL");
    await this.ended;
  };

  open(settings: HostSettings): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#opening = { resolve, reject };
      this.#send({ type: "open", settings });
    });
  }

  request(request: Parameters<HostLink["request"]>[0]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      this.#sequence += 1;
      this.#waiting.set(this.#sequence, { resolve, reject });
      this.#send({ type: "request", sequence: this.#sequence, request });
    });
  }

  async close(): Promise<void> {
    if (this.#ended === null) this.#send({ type: "close" });
    await this.ended;
  }

  #send(message: ToHostProcess): void {
    if (this.#child.connected) this.#child.send(message);
  }

  #receive(message: FromHostProcess): void {
    // What was under way when it was killed is as lost as it would be after a crash.
    if (this.#ended !== null) return;
    switch (message.type) {
      case "opened":
        this.#opening?.resolve(null);
        this.#opening = null;
        return;
      case "refused":
        this.#opening?.reject(faultOf(message.error));
        this.#opening = null;
        return;
      case "event":
        this.#onEvent(message.event);
        return;
      case "reply": {
        const waiting = this.#waiting.get(message.sequence);
        this.#waiting.delete(message.sequence);
        if (message.reply.ok) waiting?.resolve(message.reply.value);
        else waiting?.reject(faultOf(message.reply.error));
        return;
      }
      default:
        message satisfies never;
    }
  }

  #end(reason: SpacedriveError): void {
    if (this.#ended !== null) return;
    this.#ended = reason;
    this.#opening?.reject(reason);
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
  }
}
