import { expect, test } from "vitest";
import { chooseTransport, installedSdkVersion } from "./choose-transport.js";
import { createWasiEngine } from "./wasi-engine.js";

test("the SDK is taken where it is installed in its version, and else the shim", () => {
  expect(chooseTransport(undefined, "0.16.0")).toBe("wasmer");
  expect(chooseTransport(undefined, null)).toBe("shim");
  expect(chooseTransport(undefined, "0.17.0")).toBe("shim");
  expect(chooseTransport("shim", "0.16.0")).toBe("shim");
  expect(chooseTransport("wasmer", "0.16.0")).toBe("wasmer");
});

test("the SDK is refused by name where it was asked for and cannot be had", () => {
  expect(() => chooseTransport("wasmer", null)).toThrow(/it is not installed\. Install it.*transport: "shim"/);
  expect(() => chooseTransport("wasmer", "0.17.0")).toThrow(/version 0\.17\.0 is installed/);
});

test("an engine's name says on what it runs", async () => {
  expect(installedSdkVersion()).toBe("0.16.0");
  await using engine = createWasiEngine();
  expect(engine.name).toBe("wasi (wasmer)");
  await using shim = createWasiEngine({ transport: "shim" });
  expect(shim.name).toBe("wasi (shim)");
});
