import { DEFAULT_GUEST_LIMITS, type HostCalls } from "@spacedrive/runtime";
import { expect, test } from "vitest";
import { createWasiEngine, type WasiTransport } from "../src/index.js";
import { wasiGuest } from "./wasi-guest.js";

test.each(["shim", "wasmer"] satisfies WasiTransport[])(
  "on the transport %s guests on threads that were warmed up are as those on new ones, and hosts hear nothing of it",
  async (transport) => {
    await using engine = createWasiEngine({ transport, spareThreads: 1 });
    const module = await engine.compile("kitchen", await wasiGuest("kitchen"), DEFAULT_GUEST_LIMITS);
    for (let start = 0; start < 4; start++) {
      const heard: string[] = [];
      const host: HostCalls = {
        call: async () => "{}",
        log: (_level, message) => void heard.push(message),
        register: ({ name }) => {
          heard.push(name);
          return true;
        },
      };
      await using guest = await module.start(host);
      expect(await guest.call("seven")).toBe(7);
      expect(heard).toEqual(["counter", "summary.v1"]);
    }
  },
);
