import { expect, it } from "vitest";
import { jobTimeline } from "./job-timeline.js";

const job = {
  status: "failed",
  attempt: 2,
  failure: { code: "JOB_FAILED", message: "no names" },
  created_at: 1_000,
  updated_at: 5_000,
  started_at: 1_012,
  ended_at: 4_500,
} as const;

it("tells a job's history, a line for each entry, on what a terminal can show", () => {
  const at = (ms: number): { at: number } => ({ at: 1_000 + ms });
  const lines = jobTimeline(job, {
    dropped: 3,
    entries: [
      { kind: "status", ...at(0), status: "queued", attempt: 0, code: null, message: "" },
      { kind: "status", ...at(12), status: "running", attempt: 1, code: null, message: "" },
      { kind: "call", ...at(20), method: "query:test.ping.v1", duration_ms: 0.42, code: null, replayed: false },
      { kind: "call", ...at(21), method: "query:ai.ocr.v1", duration_ms: 3, code: "PERMISSION_DENIED", replayed: true },
      null,
      { kind: "checkpoint", ...at(30), checkpoint: 1, bytes: 1_234 },
      { kind: "warning", ...at(1_500), message: "odd\u001b[31m\nname" },
      { kind: "status", ...at(65_000), status: "failed", attempt: 1, code: "JOB_FAILED", message: "no names" },
      { kind: "status", ...at(-1_000), status: "queued", attempt: 1, code: null, message: "" },
    ],
  });
  expect(lines).toEqual([
    "timeline, from 1970-01-01 00:00:01.000",
    "       +0 ms  queued",
    "      +12 ms  running, attempt 1",
    "  … 3 entries not kept",
    "      +20 ms  query:test.ping.v1, 0.4 ms",
    "      +21 ms  query:ai.ocr.v1, PERMISSION_DENIED, from the journal",
    "      +30 ms  checkpoint 1, 1.2 KB",
    "      +1.5 s  warning: odd\\x1b[31m name",
    "  +1 min 5 s  failed: no names (JOB_FAILED)",
    "      -1.0 s  queued",
  ]);
});

it("tells what a job did many times in a row in one line", () => {
  const at = (ms: number): { at: number } => ({ at: 1_000 + ms });
  const call = { kind: "call", method: "query:test.ping.v1", duration_ms: 1, code: null, replayed: false } as const;
  const lines = jobTimeline(job, {
    dropped: 0,
    entries: [
      { kind: "checkpoint", ...at(0), checkpoint: 7, bytes: 12 },
      { kind: "checkpoint", ...at(9), checkpoint: 8, bytes: 1_234 },
      { kind: "checkpoint", ...at(2_000), checkpoint: 9, bytes: 13 },
      { ...call, ...at(2_001) },
      { ...call, ...at(2_002) },
      { ...call, ...at(2_003), replayed: true },
      { kind: "warning", ...at(2_004), message: "odd" },
      { kind: "warning", ...at(2_004), message: "odd" },
      { kind: "warning", ...at(2_004), message: "odder" },
    ],
  });
  expect(lines.slice(1)).toEqual([
    "   +0 ms  checkpoints 7 to 9, 12 B to 1.2 KB, in 2.0 s",
    "  +2.0 s  2 × query:test.ping.v1, 1.0 ms, in 1 ms",
    "  +2.0 s  query:test.ping.v1, from the journal",
    "  +2.0 s  2 × warning: odd, in 0 ms",
    "  +2.0 s  warning: odder",
  ]);
});

it("tells together what is alike in a long stretch, and apart what another attempt did", () => {
  const at = (ms: number): { at: number } => ({ at: 1_000 + ms });
  const running = (ms: number, attempt: number) =>
    ({ kind: "status", ...at(ms), status: "running", attempt, code: null, message: "" }) as const;
  const work = (from: number) =>
    Array.from({ length: 30 }, (_, n) => [
      { kind: "warning", ...at(from + n), message: "odd" } as const,
      { kind: "checkpoint", ...at(from + n), checkpoint: from + n, bytes: 9 } as const,
    ]).flat();
  const entries = [running(0, 1), ...work(1), running(100, 2), ...work(101)];
  expect(jobTimeline(job, { dropped: 0, entries }).slice(1)).toEqual([
    "    +0 ms  running, attempt 1",
    "    +1 ms  30 × warning: odd, in 29 ms",
    "    +1 ms  checkpoints 1 to 30, 9 B, in 29 ms",
    "  +100 ms  running, attempt 2",
    "  +101 ms  30 × warning: odd, in 29 ms",
    "  +101 ms  checkpoints 101 to 130, 9 B, in 29 ms",
  ]);
});

it("tells what the job's record knows where its host keeps no history", () => {
  expect(jobTimeline(job, null)).toEqual([
    "timeline, from 1970-01-01 00:00:01.000",
    "   +0 ms  queued",
    "  +12 ms  running, attempt 2",
    "  +3.5 s  failed: no names (JOB_FAILED)",
  ]);
});
