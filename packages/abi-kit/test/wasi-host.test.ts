import { describe, expect, test } from "vitest";
import { checkHost } from "../src/host/check-host.js";
import { loadWasiVectors } from "../src/vectors/load-wasi-vectors.js";
import { createWasiHost } from "../src/wasi/wasi-host.js";

describe("@spacedrive/engine-wasmer", () => {
  test("keeps every promise that a vector holds, on our own preview1", { timeout: 300_000 }, async () => {
    await using host = createWasiHost("shim");
    const results = await checkHost(host, loadWasiVectors());
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });
});
