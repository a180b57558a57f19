// The process of one contender: opens it, measures a round whenever it is asked, closes it.
import type { FromContender, ToContender } from "./contender-messages.ts";
import { contendersOf } from "./contenders.ts";
import type { OpenContender } from "./figure.ts";
import { findLines } from "./find-lines.ts";
import { createRun } from "./run.ts";

const [lineName, contenderName = "", quick] = process.argv.slice(2);
const send = (message: FromContender): void => void process.send?.(message);
const fail = (error: unknown): void => {
  send({ type: "failed", reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  process.exitCode = 1;
  disconnect();
};
const disconnect = (): void => {
  if (process.connected) process.disconnect?.();
};

async function open(): Promise<void> {
  const { figures, comparisons } = await findLines();
  const line = [...figures, ...comparisons].find(({ name }) => name === lineName);
  const contender = line === undefined ? undefined : contendersOf(line).get(contenderName);
  if (contender === undefined) throw new Error(`figure "${lineName}" has no ${contenderName}`);

  const opened = await contender.open(createRun(quick === "quick"));
  process.on("message", (message: ToContender) => void obey(opened, message).catch(fail));
  send({ type: "opened" });
}

async function obey(opened: OpenContender, message: ToContender): Promise<void> {
  switch (message.type) {
    case "round":
      return send({ type: "samples", samples: await opened.round() });
    case "close":
      await opened[Symbol.asyncDispose]();
      disconnect();
      return;
    default:
      return message satisfies never;
  }
}

open().catch(fail);
