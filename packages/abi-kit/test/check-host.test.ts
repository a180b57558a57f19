import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkHost } from "../src/host/check-host.js";
import type { HostUnderTest, Observation } from "../src/host/host-under-test.js";
import { createSubprocessHost } from "../src/host/subprocess-host.js";
import { loadVectors } from "../src/vectors/load-vectors.js";
import type { Vector } from "../src/vectors/vector.js";

/** A host that answers what a test wants it to. */
function hostThat(answers: HostUnderTest["run"]): HostUnderTest {
  return { name: "a host of the test", run: answers, [Symbol.asyncDispose]: async () => {} };
}

function vector(id: string): readonly Vector[] {
  return loadVectors().filter((entry) => entry.id === `v1/${id}`);
}

async function problemsOf(id: string, observations: readonly Observation[]): Promise<string> {
  const [result] = await checkHost(
    hostThat(async () => observations),
    vector(id),
  );
  expect(result?.status).toBe("failed");
  return result?.problems.join("\n") ?? "";
}

const STARTED: Observation = { alive: true, events: [] };

describe("a host that is wrong", () => {
  test("is told what it should have returned", async () => {
    expect(await problemsOf("exports/bare-returns-a-number", [STARTED, { ...STARTED, returned: 8 }])).toBe(
      "step 2 (call seven): it should return 7, and returned 8",
    );
  });

  test("is told which code was promised, and what it said instead", async () => {
    const problems = await problemsOf("module/memory-missing", [
      { error: "INTERNAL", message: "it broke", alive: false, events: [] },
    ]);
    expect(problems).toContain("it should end with MODULE_INVALID, and ended with INTERNAL (it broke)");
    expect(problems).toContain('its message should name "memory"');
  });

  test("is told that an instance has lived through its end", async () => {
    const observed = { error: "GUEST_TRAPPED", message: "inner", alive: true, events: [] };
    expect(await problemsOf("faults/unreachable", [STARTED, observed])).toContain("should have ended, and lives");
  });

  test("is told which event came in another's place", async () => {
    const late = { event: "log", level: "info", message: "initialize" } as const;
    const early = { event: "log", level: "info", message: "version" } as const;
    expect(await problemsOf("start/order", [{ alive: true, events: [late, early] }])).toMatch(
      /event 1 of the kind log: should be .*"version".*, and .*"initialize".* came/,
    );
  });

  test("is told of an event that no step asked for", async () => {
    const call = { event: "call", method: "query:a.b.v1", library: null, payload: "{}" } as const;
    expect(await problemsOf("module/memory-alone", [{ alive: true, events: [call] }])).toMatch(
      /there should be no more, and .*query:a\.b\.v1.* came/,
    );
  });

  test("is told how many warnings it should have kept", async () => {
    const ran: Observation = { ...STARTED, returned: 0, outcome: "completed", keptWarnings: 1000 };
    expect(await problemsOf("jobs/warnings-cap", [STARTED, ran])).toContain(
      "201 warnings should be kept with the job, and 1000 are",
    );
  });

  test("is told of a step that it left out", async () => {
    expect(await problemsOf("exports/bare-returns-a-number", [STARTED])).toContain("answered no observation");
  });

  test("is told of observations for steps that there are not", async () => {
    const returned = { ...STARTED, returned: 7 };
    expect(await problemsOf("exports/bare-returns-a-number", [STARTED, returned, returned])).toBe(
      "the host answered 3 observations for 2 steps",
    );
  });

  test("is told where its answer is no observation", async () => {
    // What an adapter without types may answer.
    const wrong: readonly Observation[] = JSON.parse('[{"alive":true}]');
    expect(await problemsOf("module/memory-alone", wrong)).toContain("no list of observations: [0].events");
  });

  test("fails a vector that its adapter throws at, and is asked the next one", async () => {
    const vectors = [...vector("module/memory-alone"), ...vector("features/simd")];
    const host = hostThat(async () => {
      throw new Error("the engine is gone");
    });
    const results = await checkHost(host, vectors);
    expect(results.map(({ status }) => status)).toEqual(["failed", "failed"]);
    expect(results[1]?.problems).toEqual(["the host's adapter failed: the engine is gone"]);
  });

  test("fails a vector that it never answers", async () => {
    const host = hostThat(() => new Promise(() => {}));
    const [result] = await checkHost(host, vector("module/memory-alone"), { timeoutMs: 20 });
    expect(result?.problems).toEqual(["the host's adapter failed: it did not answer within 20 ms"]);
  });
});

describe("a command that does not answer", () => {
  test("is started again for the next vector", { timeout: 60_000 }, async () => {
    const program = fileURLToPath(new URL("programs/hanging-command.mjs", import.meta.url));
    await using host = createSubprocessHost(`"${process.execPath}" "${program}"`);
    const vectors = [...vector("module/memory-alone"), ...vector("features/simd"), ...vector("versions/one")];
    const results = await checkHost(host, vectors, { timeoutMs: 5_000 });
    expect(results.map(({ status }) => status)).toEqual(["skipped", "failed", "skipped"]);
    expect(results[1]?.problems).toEqual(["the host's adapter failed: it did not answer within 5000 ms"]);
  });
});

describe("a command that says what it should not", { timeout: 60_000 }, () => {
  const program = fileURLToPath(new URL("programs/talking-command.mjs", import.meta.url));
  const vectors = [...vector("module/memory-alone"), ...vector("features/simd")];
  async function statusesOf(habit: string): Promise<readonly string[]> {
    await using host = createSubprocessHost(`"${process.execPath}" "${program}" ${habit}`);
    const results = await checkHost(host, vectors);
    return results.map(({ status, problems }) => `${status}: ${problems.join()}`);
  }

  test("fails where it greets before it answers, each time with the same words", async () => {
    const greeted = expect.stringMatching(/^failed: .*answered no JSON: .*"ready".* all else belongs on stderr/);
    expect(await statusesOf("greets")).toEqual([greeted, greeted]);
  });

  test("fails the vector after one that it has answered twice", async () => {
    const [first, second] = await statusesOf("twice");
    expect(first).toBe("skipped: it does nothing");
    // Whether the second answer comes before the next question or after it is the pipe's affair.
    expect(second).toMatch(/^failed: .*(?:wrote a line that nothing was asked for|answered the id 1 to 2)/);
  });

  test("may have the line separators of JavaScript in its JSON", async () => {
    expect(await statusesOf("separates")).toEqual(Array(2).fill("skipped: before \u2028 after"));
  });
});

describe("a host that cannot run a vector", () => {
  test("says why, and it counts as skipped", async () => {
    const [result] = await checkHost(
      hostThat(async () => "it has no SIMD"),
      vector("features/simd"),
    );
    expect(result).toMatchObject({ status: "skipped", problems: ["it has no SIMD"] });
  });
});

describe("what is compared", () => {
  test("takes the last report of progress for all of them", async () => {
    const progress = (fraction: number): Observation["events"][number] => ({
      event: "progress",
      fraction,
      message: "half done",
    });
    const observed = { returned: 0, outcome: "completed", alive: true, events: [progress(0.1), progress(0.5)] };
    const [result] = await checkHost(
      hostThat(async () => [STARTED, observed]),
      vector("jobs/progress"),
    );
    expect(result?.status).toBe("passed");
  });
});
