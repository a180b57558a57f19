import { describe, expect, test } from "vitest";
import { checkHost } from "../src/host/check-host.js";
import { loadVectors } from "../src/vectors/load-vectors.js";
import { createManagerHost } from "./manager-host.js";

/**
 * Vectors of one job that say what its return means. A job that is cancelled before it begins never runs here, and what has a
 * manifest has run on the managers already.
 */
const outcomes = loadVectors().filter(({ id, manifest, steps }) => {
  const [, step] = steps;
  if (manifest !== undefined || !id.startsWith("v1/jobs/") || steps.length !== 2 || step?.do !== "job") return false;
  return step.expect.outcome !== undefined && step.interrupt !== 2;
});

describe("the plugin and job managers of @spacedrive/runtime", () => {
  test("take a job's return for what docs/abi.md says", { timeout: 180_000 }, async () => {
    expect(outcomes.length).toBeGreaterThan(20);
    await using host = createManagerHost();
    const results = await checkHost(host, outcomes, { timeoutMs: 20_000 });
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });
});
