import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { jsonLines, RunningSdx, sdx, temporaryFolder } from "./sdx.js";

const CHILDREN = 6;
const parentState = JSON.stringify({ children: CHILDREN, steps: 200 });

let built: ReturnType<typeof temporaryFolder>;
let family: string;

beforeAll(async () => {
  built = temporaryFolder();
  family = join(built.path, "family");
  mkdirSync(family);
  cpSync(fileURLToPath(new URL("fixtures/family/assembly", import.meta.url)), join(family, "assembly"), {
    recursive: true,
  });
  const config = {
    extends: "@spacedrive/sdk/asconfig.json",
    entries: ["assembly/index.ts"],
    targets: { release: { outFile: "build/family.wasm" } },
  };
  writeFileSync(join(family, "asconfig.json"), JSON.stringify(config));
  const { code, stderr } = await sdx(["build", family]);
  if (code !== 0) throw new Error(stderr);
}, 60_000);
afterAll(() => built[Symbol.dispose]());

interface Listed {
  readonly job_id: string;
  readonly type: string;
  readonly status: string;
  readonly checkpoint: number;
  readonly attempt: number;
  readonly waiting_for: string | null;
}

/** All jobs, oldest first. */
async function listed(data: string): Promise<Listed[]> {
  const { stdout } = await sdx(["jobs", "ls", "--json", "--data-dir", data]);
  // What the command prints is checked by what the tests expect of it.
  return (JSON.parse(stdout) as Listed[]).toReversed();
}

/** Starts a parent, waits until it waits and its children are at work, and ends its process so. */
async function cutParent(data: string, signal: "SIGINT" | "SIGKILL"): Promise<Listed[]> {
  const args = ["run", family, "parent", "--state", parentState, "--data-dir", data];
  const running = new RunningSdx(args);
  await running.until(({ stderr }) => stderr.includes("Waiting: its children."));
  running.child.kill(signal);
  expect((await running.result()).code).toBe(signal === "SIGINT" ? 4 : null);
  const jobs = await listed(data);
  expect(jobs.map(({ type }) => type)).toEqual(["family:parent", ...Array(CHILDREN).fill("family:child")]);
  expect(jobs.filter(({ status }) => status === "completed")).toEqual([]);
  return jobs;
}

it.each(["SIGINT", "SIGKILL"] as const)(
  "goes on with a parent and its children after %s, by one sdx jobs resume",
  async (signal) => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const [parent] = await cutParent(data, signal);
    const resumed = await sdx(["jobs", "resume", parent?.job_id ?? "", "--data-dir", data]);
    expect(resumed.stderr).not.toContain("Not resumed");
    expect(resumed.stdout).toContain("all children have ended");
    expect(resumed.code).toBe(0);
    expect((await listed(data)).map(({ status }) => status)).toEqual(Array(CHILDREN + 1).fill("completed"));
  },
);

it("goes on with one child by itself, and leaves all else as it was", async () => {
  using temporary = temporaryFolder();
  const data = join(temporary.path, "data");
  const before = await cutParent(data, "SIGKILL");
  const child = before[3]?.job_id ?? "";
  const resumed = await sdx(["jobs", "resume", child, "--data-dir", data]);
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toContain(`Not resumed: ${CHILDREN} unfinished jobs of "family".`);
  const after = await listed(data);
  const others = (jobs: readonly Listed[]): readonly Listed[] => jobs.filter(({ job_id }) => job_id !== child);
  expect(others(after)).toEqual(others(before));
  expect(after[3]).toMatchObject({ job_id: child, status: "completed" });
});

it("leaves a job asleep that was killed so, while another is run, and wakes it once it is resumed", async () => {
  using temporary = temporaryFolder();
  const data = join(temporary.path, "data");
  const args = ["run", family, "sleeper", "--state", '{"ms":3000}', "--data-dir", data];
  const killed = new RunningSdx(args);
  await killed.until(({ stderr }) => stderr.includes("Waiting: "));
  killed.child.kill("SIGKILL");
  await killed.result();
  const [before] = await listed(data);
  expect(before).toMatchObject({ status: "suspended", waiting_for: expect.stringContaining(", once it is resumed") });

  // Long enough for the other's time to be over.
  const other = await sdx(["run", family, "sleeper", "--state", '{"ms":4000}', "--data-dir", data]);
  expect(other.code).toBe(0);
  expect((await listed(data))[0]).toEqual(before);

  const resumed = await sdx(["jobs", "resume", before?.job_id ?? "", "--data-dir", data, "--json"]);
  expect(jsonLines(resumed.stdout).pop()).toMatchObject({ job_id: before?.job_id, status: "completed" });
});
