import { expect, it } from "vitest";
import type { Caller } from "./caller.js";
import { FailureLog } from "./log-failure.js";
import { VirtualClock } from "./virtual-clock.js";

const finance: Caller = { kind: "extension", extension: "finance" };
const METHOD = "query:a.b.v1";

function createLog(): { readonly log: FailureLog; readonly clock: VirtualClock; readonly lines: object[] } {
  const lines: object[] = [];
  const clock = new VirtualClock();
  const error = (fields: object, message: string): number => lines.push({ ...fields, message });
  const logger = { debug() {}, info() {}, warn() {}, error };
  return { log: new FailureLog(logger, clock), clock, lines };
}

it("logs twenty failures of an extension in a second, counts the rest, and says the count with its next line", () => {
  const { log, clock, lines } = createLog();
  for (let n = 0; n < 1_020; n++) log.failed(METHOD, finance, new Error("x"), "it failed");
  expect(lines).toHaveLength(20);
  expect(lines[0]).toMatchObject({ method: METHOD, caller: '"finance"', message: "it failed" });
  clock.advance(999);
  log.failed(METHOD, finance, new Error("x"), "it failed");
  expect(lines).toHaveLength(20);
  clock.advance(1);
  log.failed(METHOD, finance, new Error("x"), "it failed");
  expect(lines.slice(20)).toMatchObject([{ unlogged: 1_001 }]);
});

it("leaves other callers, and the host itself, alone when one floods", () => {
  const { log, lines } = createLog();
  for (let n = 0; n < 1_000; n++) log.failed(METHOD, finance, null, "it failed");
  log.failed(METHOD, { kind: "extension", extension: "ledger" }, null, "it failed");
  for (let n = 0; n < 50; n++) log.failed(METHOD, { kind: "user" }, null, "it failed");
  expect(lines).toHaveLength(20 + 1 + 50);
});
