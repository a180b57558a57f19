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
    "  … 3 entries not kept",
    "       +0 ms  queued",
    "      +12 ms  running, attempt 1",
    "      +20 ms  query:test.ping.v1, 0.4 ms",
    "      +21 ms  query:ai.ocr.v1, PERMISSION_DENIED, from the journal",
    "      +30 ms  checkpoint 1, 1.2 KB",
    "      +1.5 s  warning: odd\\x1b[31m name",
    "  +1 min 5 s  failed: no names (JOB_FAILED)",
    "      -1.0 s  queued",
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
