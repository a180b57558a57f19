import { createTestHost, VirtualClock } from "@spacedrive/testkit";
import { expect, it } from "vitest";

it("runs a host by a clock that the test moves", async () => {
  const clock = new VirtualClock(1_800_000_000_000);
  await using host = await createTestHost({ inProcess: true, clock });
  expect(await host.call("query:host.now.v1", {})).toEqual({ unix_ms: 1_800_000_000_000 });
  clock.advance(86_400_000);
  expect(await host.call("query:host.now.v1", {})).toEqual({ unix_ms: 1_800_086_400_000 });
});

it("refuses a clock that another process would have to read", async () => {
  await expect(createTestHost({ clock: new VirtualClock() })).rejects.toMatchObject({ code: "INVALID_INPUT" });
});
