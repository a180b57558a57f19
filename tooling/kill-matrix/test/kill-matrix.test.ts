import { describe, expect, it } from "vitest";
import { cutsOf } from "../src/every-operation.ts";
import { runMatrix } from "../src/matrix.ts";
import { DEFAULT_OPTIONS } from "../src/matrix-options.ts";

// Hundreds of processes, each of which starts a host: minutes on a busy machine.
describe("word-count leaves what it leaves when nobody interrupts it", { timeout: 1_800_000 }, () => {
  it("when it is cut before and after each operation of its stores in turn", async () => {
    const report = await runMatrix({ ...DEFAULT_OPTIONS, parts: ["every"] });
    expect(report.failures).toEqual([]);
    expect([...report.operations.keys()].toSorted()).toEqual([
      "host.db close",
      "host.db migrate",
      "host.db open",
      "library.db begin",
      "library.db checkpoint",
      "library.db close",
      "library.db commit",
      "library.db migrate",
      "library.db open",
      "library.db sync",
      "library.db work",
      "sidecars write-file",
    ]);
    const planned = cutsOf(report.operations).length;
    expect(report.cuts + report.missed).toBe(planned);
    // How often the WAL is copied into its database depends on the moment: a run may be over before the last time.
    expect(report.missed).toBeLessThanOrEqual(planned * 0.02);
  });

  it("when it is killed at 200 random moments, several times in each run", async () => {
    const report = await runMatrix({ ...DEFAULT_OPTIONS, parts: ["random"] });
    expect(report.failures).toEqual([]);
    expect(report.kills).toBeGreaterThanOrEqual(200);
    expect(report.rounds).toBeGreaterThanOrEqual(20);
    expect(report.killsAtStart).toBeGreaterThan(20);
  });
});
