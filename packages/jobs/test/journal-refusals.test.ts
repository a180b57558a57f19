import { defineAction, SpacedriveError } from "@spacedrive/wire";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { append, begin } from "./journal-calls.js";
import { createWorld, type JournalHost, startHost } from "./journal-host.js";
import { type ScriptedAttempt } from "./scripted-job.js";

const DENIED = "PERMISSION_DENIED";

describe("an extension's job", () => {
  function gate(host: JournalHost, refused: () => boolean, code: "PERMISSION_DENIED" | "RATE_LIMITED"): void {
    const refuse = (): void => {
      if (!refused()) return;
      throw new SpacedriveError(code, "refused", { details: { retry_after_ms: 7 } });
    };
    host.wire.registerGate("finance", {
      authorize: code === DENIED ? refuse : () => {},
      limit: code === DENIED ? () => {} : refuse,
    });
  }

  async function beginFinance(host: JournalHost): Promise<ScriptedAttempt> {
    await host.manager.dispatch("finance:job", 0, { library: host.world.library });
    return host.script.next();
  }

  test.each(["PERMISSION_DENIED", "RATE_LIMITED"] as const)(
    "that was refused with %s and then committed is refused and answered again, whatever is allowed now",
    async (code) => {
      await using world = await createWorld();
      await using killed = await startHost(world, { extension: "finance" });
      let refused = true;
      gate(killed, () => refused, code);
      const first = await beginFinance(killed);
      await expect(append(first, "one")).rejects.toMatchObject({ code });
      refused = false;
      expect(await append(first, "instead")).toEqual({ row: 1 });

      await using host = await startHost(world, { extension: "finance" });
      gate(host, () => false, code);
      const second = await host.script.next();
      await expect(append(second, "one")).rejects.toMatchObject({
        code,
        message: "refused",
        retryable: code === "RATE_LIMITED",
        details: { retry_after_ms: 7 },
      });
      expect(await append(second, "instead")).toEqual({ row: 1 });
      expect(host.effects()).toEqual(["instead"]);
    },
  );

  test.each(["PERMISSION_DENIED", "RATE_LIMITED"] as const)(
    "that was allowed is answered again where it would now be refused with %s; what it asks anew is refused",
    async (code) => {
      await using world = await createWorld();
      await using killed = await startHost(world, { extension: "finance" });
      gate(killed, () => false, code);
      const first = await beginFinance(killed);
      await append(first, "one");
      await using host = await startHost(world, { extension: "finance" });
      gate(host, () => true, code);
      const second = await host.script.next();
      expect(await append(second, "one")).toEqual({ row: 1 });
      await expect(append(second, "two")).rejects.toMatchObject({ code });
      expect(host.effects()).toEqual(["one"]);
    },
  );

  test("is answered again where the operation is gone since, and told again that one was not there", async () => {
    await using world = await createWorld();
    await using killed = await startHost(world);
    const vanishing = defineAction({
      name: "test.vanishing",
      scope: "library",
      input: z.object({}),
      output: z.object({ done: z.boolean() }),
      prepare: () => null,
      commit: (tx) => (tx.run("INSERT INTO effects VALUES ('vanishing')"), { done: true }),
    });
    const first = await begin(killed);
    await expect(first.context.call("action:test.vanishing", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    const registration = killed.wire.register(vanishing);
    expect(await first.context.call("action:test.vanishing", {})).toEqual({ done: true });
    registration.unregister();

    await using host = await startHost(world);
    const second = await host.script.next();
    await expect(second.context.call("action:test.vanishing", {})).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await second.context.call("action:test.vanishing", {})).toEqual({ done: true });
    expect(host.effects()).toEqual(["vanishing"]);
  });
});
