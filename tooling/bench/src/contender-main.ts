// The process of one contender: opens it, measures a round whenever it is asked, closes it.
import type { FromContender, ToContender } from "./contender-messages.ts";
import { type OpenContender, ROLES } from "./figure.ts";
import { findFigures } from "./find-figures.ts";
import { createRun } from "./run.ts";

const [figureName, roleName, quick] = process.argv.slice(2);
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
  const figure = (await findFigures()).find(({ name }) => name === figureName);
  const role = ROLES.find((name) => name === roleName);
  const contender = role === undefined ? undefined : figure?.[role];
  if (contender === undefined) throw new Error(`figure "${figureName}" has no ${roleName}`);

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
