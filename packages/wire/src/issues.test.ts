import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describeIssues, formatPath } from "./issues.js";

describe("the problems of a value", () => {
  it("name strange keys and texts without their control characters", () => {
    const parsed = z.strictObject({}).safeParse({ "\u001b[2J\u009b\u202ek\n": 1 });
    expect(parsed.error && describeIssues(parsed.error)).toBe('(top): Unrecognized key: "\\x1b[2J\\x9b\\u202ek\\n"');
    expect(formatPath(["a", "\u001b[2J", 3])).toBe("a.\\x1b[2J[3]");
  });

  it("are short, however long the keys and the path are", () => {
    const key = "k".repeat(100_000);
    const parsed = z.strictObject({}).safeParse({ [key]: 1 });
    expect(parsed.error && describeIssues(parsed.error).length).toBeLessThan(600);
    expect(formatPath(Array.from({ length: 1_000 }, () => key)).length).toBeLessThan(1_000);
  });
});
