import { createLibraryId } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import type { JobView } from "../host/job-view.js";
import { displayWidth } from "../terminal/display-width.js";
import { jobPage, jobsTable } from "./job-tables.js";

const job: JobView = {
  job_id: "019a2f00-0e5f-4972-8475-19b868515e01",
  job_type: "test-extension:counter",
  status: "queued",
  progress: 0.5,
  message: "Counted 50/100",
  warnings: [],
  metrics: { bytes: 0, items: 50 },
  checkpoint: 5,
  attempt: 1,
  priority: 0,
  parent: null,
  extension_version: "0.1.0",
  waiting_for: "to be resumed",
  not_before: null,
  deadline: null,
  failure: null,
  created_at: 0,
  updated_at: 0,
  started_at: 0,
  ended_at: null,
  state: { current: 50 },
  result: null,
};
const listed = { job, library: { id: createLibraryId(), name: "default" } };

describe("the list of jobs", () => {
  it("has whole ids where there is room, and where nobody looks", () => {
    for (const columns of [160, Number.POSITIVE_INFINITY]) {
      const [header, line] = jobsTable([listed], columns);
      expect(header).toMatch(/^ID +TYPE +STATUS +DONE +UPDATED +LIBRARY +MESSAGE$/);
      expect(line).toContain(job.job_id);
    }
  });

  it.each([
    [40, "test-extension:"],
    [80, "to be resumed"],
  ])("says on %i columns how a job stands, in lines that fit", (columns, end) => {
    const lines = jobsTable([listed], columns);
    expect(lines[0]).toMatch(/^ID +STATUS +DONE +TYPE/);
    expect(lines[1]).toMatch(/^019a2f00 {2}queued {2}50% {3}test-extension:/);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(lines[1]).toContain(end);
  });
});

describe("the page of a job", () => {
  const page = (state: unknown): string => jobPage({ ...job, state }, "default").join("\n");

  it("has a state of 1,000 characters whole", () => {
    const state = "x".repeat(998);
    expect(page(state)).toContain(`"${state}"`);
  });

  it("cuts a longer one, with its size and where all of it is", () => {
    const state = "x".repeat(250_000);
    expect(page(state).length).toBeLessThan(2_000);
    expect(page(state)).toContain("… (250.0 KB; --json has all of it)");
  });
});
