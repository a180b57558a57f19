import { describe, expect, test } from "vitest";
import { checkHost } from "../src/host/check-host.js";
import { createRuntimeHost } from "../src/runtime/runtime-host.js";
import { loadVectors } from "../src/vectors/load-vectors.js";

describe("@spacedrive/runtime", () => {
  test("keeps every promise that a vector holds", { timeout: 180_000 }, async () => {
    await using host = createRuntimeHost();
    const results = await checkHost(host, loadVectors());
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });
});
