import { describe, test } from "vitest";
import { jobStoreConformance } from "./job-store-conformance.js";
import { MemoryJobStore } from "./memory-job-store.js";

describe("memory job store", () => {
  const cases = jobStoreConformance(async () => ({ store: new MemoryJobStore(), async [Symbol.asyncDispose]() {} }));
  test.each(cases)("$name", ({ run }) => run());
});
