import { Command, Option } from "commander";
import { expect, it } from "vitest";
import { repeatable, spreadRepeatedValues } from "./repeatable-option.js";

const command = new Command("run")
  .argument("<dir>")
  .argument("[job]")
  .option("--json")
  .option("--state <json>")
  .addOption(new Option("--location <dir...>").argParser(repeatable));

it.each([
  ["run ext count --location A B --json", "run ext count --location A --location B --json"],
  ["run ext count --location A --location B", "run ext count --location A --location B"],
  ["run --location A ext count", "run --location A ext count"],
  ["run ext --location A count --json", "run ext --location A count --json"],
  ["run ext count --state - --location A B", "run ext count --state - --location A --location B"],
  ["run ext count --location A -- B", "run ext count --location A -- B"],
])("%s means %s", (written, meant) => {
  const [, ...args] = written.split(" ");
  expect(["run", ...spreadRepeatedValues(args, command)].join(" ")).toBe(meant);
});
