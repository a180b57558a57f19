import { describe, expect, it } from "vitest";
import type { Decision } from "../src/index.js";
import { GO, loadFinance, relayTo } from "./finance-extension.js";
import { manualClock } from "./manual-clock.js";
import { createTestHost, operation, rejection } from "./plugin-host.js";
import { handler, relay } from "./wat-guest.js";

const FEW = { requests_per_minute: 3 };

describe("a guest that makes, again and again, a call", () => {
  it.each([
    ["that it was not granted", "action:jobs.cancel.input.v1", "PERMISSION_DENIED"],
    ["of another extension's operation", "query:bystander:hello.v1", "PERMISSION_DENIED"],
    ["of what is not there", "query:test.pong.v1", "NOT_FOUND"],
    ["of what another extension does not have", "query:bystander:nothing", "NOT_FOUND"],
    ["of what is no method", "\u001b[2J nonsense \n".repeat(40), "INVALID_INPUT"],
    ["whose input its operation refuses", "query:test.ping.v1", "INVALID_INPUT"],
    ["that is allowed", "query:test.turn.v1", null],
  ])("%s is RATE_LIMITED like any other", async (_what, method, code) => {
    const clock = manualClock();
    const decisions: Decision[] = [];
    await using host = await createTestHost({ clock, onDecision: (decision) => decisions.push(decision) });
    const actions = { kind: "action", export: "action_go_v1" };
    await loadFinance(host, (t) => relay(t, "action_go_v1", method), {
      operation: actions,
      permissions: { methods: ["test."], rate_limits: FEW },
    });
    const go = (): Promise<unknown> => host.call("action:finance:go.input.v1", {});
    const codeOf = (): Promise<unknown> =>
      go().then(
        () => null,
        ({ code }) => code,
      );
    for (let call = 0; call < 3; call++) {
      expect(await codeOf()).toBe(code);
    }
    for (let call = 0; call < 3; call++) {
      const error = await rejection(go());
      expect(error).toMatchObject({ code: "RATE_LIMITED", details: { retry_after_ms: 20_000 } });
      expect(error.message).toMatch(/^\P{Cc}{1,2000}$/u);
    }
    expect(decisions.slice(-3)).toMatchObject(Array(3).fill({ allowed: false, code: "RATE_LIMITED", grant: null }));
    for (const decision of decisions) expect(decision.method).toMatch(/^\P{Cc}{1,2000}$/u);

    await host.expectBystander();
    clock.advance(20_000);
    expect(await codeOf()).toBe(code);
  });

  it("that is refused has used up what it could have called", async () => {
    await using host = await createTestHost({ clock: manualClock() });
    await loadFinance(
      host,
      (t) => `${relay(t, "query_go_v1", "query:jobs.list.v1")} ${relay(t, "query_ping_v1", "query:test.ping.v1")}`,
      { permissions: { methods: ["test."], rate_limits: FEW }, more: [operation("ping")] },
    );
    await rejection(host.call(GO));
    await rejection(host.call(GO));
    expect(await host.call("query:finance:ping.v1", { message: "x" })).toEqual({ echo: "x" });
    expect((await rejection(host.call("query:finance:ping.v1", { message: "x" }))).code).toBe("RATE_LIMITED");
  });

  it("that is denied with what is no JSON is told of the denial: nothing was parsed", async () => {
    await using host = await createTestHost();
    await loadFinance(host, (t) =>
      handler("query_go_v1", `(call $call ${t("query:jobs.list.v1")} (i32.const 0) ${t("{nope")})`),
    );
    expect((await rejection(host.call(GO))).code).toBe("PERMISSION_DENIED");
  });

  it("of what another extension does not have learns none of its operations' names", async () => {
    await using host = await createTestHost();
    await loadFinance(host, relayTo("query:bystander:hell"), { permissions: { methods: ["bystander:"] } });
    const error = await rejection(host.call(GO));
    expect(error).toMatchObject({ code: "NOT_FOUND", message: expect.not.stringContaining("hello") });
  });
});
