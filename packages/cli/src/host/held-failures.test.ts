import { SpacedriveError } from "@spacedrive/wire";
import { expect, it } from "vitest";
import { recordingTerminal } from "../../test/recording-terminal.js";
import { HeldFailures } from "./held-failures.js";
import { terminalLogger } from "./terminal-logger.js";

const failure = new SpacedriveError("MODULE_INVALID", "it is no module");
const other = new SpacedriveError("STORE_FAILED", "the disk is away");

it("leaves out what is thrown, and tells every other line", async () => {
  const terminal = recordingTerminal();
  const failures = new HeldFailures(terminalLogger(terminal, "warn"));
  const load = failures.during(async () => {
    failures.logger.error({ err: failure }, `could not load: ${failure.message}`);
    failures.logger.error({ err: other }, "a listener failed");
    failures.logger.error({}, "the guest's own words");
    throw failure;
  });
  await expect(load).rejects.toBe(failure);
  expect(terminal.lines).toEqual(["the guest's own words", "a listener failed (STORE_FAILED: the disk is away)"]);
});

it("tells a failure that nobody throws, its reason once", async () => {
  const terminal = recordingTerminal();
  const failures = new HeldFailures(terminalLogger(terminal, "warn"));
  const line = (): void => failures.logger.error({ err: failure }, `could not load: ${failure.message}`);
  await failures.during(async () => line());
  line();
  expect(terminal.lines).toEqual(Array(2).fill("could not load: it is no module (MODULE_INVALID)"));
});
