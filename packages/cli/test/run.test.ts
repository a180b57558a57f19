import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addLocation, INDEX_LOCATION_JOB, openCore } from "@spacedrive/core";
import { localUser, parseJobId } from "@spacedrive/wire";
import { describe, expect, inject, it } from "vitest";
import { copyOf } from "./hello.js";
import { jsonLines, RunningSdx, sdx, type SdxResult, temporaryFolder } from "./sdx.js";

const hello = inject("hello");
const many = JSON.stringify({ names: Array.from({ length: 600 }, (_, index) => `guest ${index}`) });

/** Runs the job over two names, unless told otherwise. */
function run(dataDir: string, ...args: string[]): Promise<SdxResult> {
  return sdx(["run", hello, "greet_all", "--state", '{"names":["Ada","Grace"]}', "--data-dir", dataDir, ...args]);
}

/** Starts the job over many names, and waits until it has checkpointed. */
async function startLong(dataDir: string, folder: string): Promise<RunningSdx> {
  const state = join(folder, "state.json");
  writeFileSync(state, many);
  const running = new RunningSdx(["run", hello, "--state", `@${state}`, "--data-dir", dataDir, "--json"]);
  await running.until(({ stdout }) => stdout.includes('"checkpoint":3'));
  return running;
}

describe("sdx run", () => {
  it("runs a job to its end, and says so on stdout", async () => {
    using temporary = temporaryFolder();
    const { code, stdout, stderr } = await run(join(temporary.path, "data"));
    expect(stdout).toMatch(/^✓ hello:greet_all completed in .* s {2}2 items\n$/);
    expect(stderr).toContain("hello: ✓ Plugin hello loaded successfully\n");
    expect(stderr).toContain("hello: Hello, Ada!\n");
    expect(stderr).not.toContain("\u001b");
    expect(code).toBe(0);
  });

  it("prints a JSON object per update and the result as the last one with --json", async () => {
    using temporary = temporaryFolder();
    const { code, stdout } = await run(join(temporary.path, "data"), "--json");
    expect(code).toBe(0);
    const lines = jsonLines(stdout);
    const result = lines.pop();
    expect(result).toEqual({
      type: "result",
      job_id: expect.any(String),
      status: "completed",
      state: { names: ["Ada", "Grace"], greeted: 2 },
      result: null,
      metrics: { bytes: 0, items: 2 },
      warnings: [],
      error: null,
    });
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatchObject({ type: "update", job_id: result?.["job_id"] });
  });

  it("takes the only job where none is named", async () => {
    using temporary = temporaryFolder();
    const { code, stdout } = await sdx(["run", hello, "--data-dir", join(temporary.path, "data")]);
    expect(stdout).toContain("hello:greet_all completed");
    expect(code).toBe(0);
  });

  it("ends with 1 and the reason where the job fails, and so does its retry", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const state = '{"names":["Ada"],"greeted":-1}';
    const failed = await sdx(["run", hello, "--state", state, "--data-dir", data, "--json"]);
    const result = jsonLines(failed.stdout).pop();
    expect(result).toMatchObject({ status: "failed", error: { code: "GUEST_TRAPPED", message: expect.any(String) } });
    expect(failed.code).toBe(1);

    const retried = await sdx(["jobs", "retry", String(result?.["job_id"]), "--data-dir", data]);
    expect(retried.stderr).toMatch(/✗ hello:greet_all failed.*\(GUEST_TRAPPED\)/s);
    expect(retried.stderr).toContain(`sdx jobs retry ${String(result?.["job_id"])} --data-dir ${data}\n`);
    expect(retried.code).toBe(1);
  });

  it("builds an extension whose sources are newer than its module", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const source = join(copy, "assembly/index.ts");
    writeFileSync(source, readFileSync(source, "utf8").replace("`Hello, ${name}!`", "`Goodbye, ${name}!`"));
    const { code, stderr } = await sdx([
      "run",
      copy,
      "--state",
      '{"names":["Ada"]}',
      "--data-dir",
      join(temporary.path, "data"),
    ]);
    expect(stderr).toContain("assembly/index.ts is newer than what is built");
    expect(stderr).toContain("Goodbye, Ada!");
    expect(code).toBe(0);
  });

  it("says so where a module that it cannot build is older than its sources, and runs it as it is", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    rmSync(join(copy, "asconfig.json"));
    const data = join(temporary.path, "data");
    const run = (): ReturnType<typeof sdx> => sdx(["run", copy, "--state", '{"names":["Ada"]}', "--data-dir", data]);
    for (const file of ["assembly/index.ts", "build/hello.wasm"]) utimesSync(join(copy, file), 1_000, 1_000);
    expect((await run()).stderr).not.toContain("is newer");
    utimesSync(join(copy, "assembly/index.ts"), 2_000, 2_000);
    const { code, stderr } = await run();
    expect(stderr).toContain("assembly/index.ts is newer than build/hello.wasm, which is run as it is");
    expect(code).toBe(0);
  });

  it("adds and indexes the folders that it is given", async () => {
    using temporary = temporaryFolder();
    const notes = join(temporary.path, "notes");
    mkdirSync(notes);
    writeFileSync(join(notes, "a.txt"), "hello");
    const data = join(temporary.path, "data");
    const { code, stderr } = await run(data, "--location", notes);
    expect(stderr).toContain(`Indexed ${notes}: `);
    expect(code).toBe(0);
    const listed = await sdx(["call", "query:vdfs.list_entries.v1", "--data-dir", data]);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ path: "a.txt" }]);
  });

  it.each(["was paused", "ended with its host"])("goes on with the indexing of a folder that %s", async (how) => {
    using temporary = temporaryFolder();
    const notes = join(temporary.path, "notes");
    mkdirSync(notes);
    for (let file = 0; file < 1_000; file++) writeFileSync(join(notes, `${file}.txt`), "hello");
    const data = join(temporary.path, "data");
    await using core = await openCore({ dataDir: data });
    const library = await core.libraries.open("default");
    const { job_id } = await core.wire.call(addLocation, { path: notes }, { caller: localUser, library: library.id });
    if (how === "was paused") await core.jobs.pause(parseJobId(job_id));
    await core.close();

    const { code, stderr } = await run(data, "--location", notes);
    expect(stderr).toContain(`Indexed ${notes}: 1,000 entries.`);
    expect(code).toBe(0);
    const listed = await sdx(["jobs", "ls", "--json", "--data-dir", data]);
    const jobs: { readonly type: string }[] = JSON.parse(listed.stdout);
    expect(jobs.filter(({ type }) => type === INDEX_LOCATION_JOB)).toMatchObject([{ job_id, status: "completed" }]);
  });

  it("does not say that there are no jobs where a library could not be opened", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await run(data);
    writeFileSync(join(data, "libraries/default/library.db"), "no database");
    rmSync(join(data, "libraries/default/library.db-wal"), { force: true });
    const { stderr } = await sdx(["jobs", "ls", "--data-dir", data]);
    expect(stderr).toContain("STORE_CORRUPT");
    expect(stderr).toContain("There are no jobs in the libraries that could be opened.\n");
  });

  it.each([
    ["error", false],
    ["info", true],
    ["a level that there is not", true],
  ])("shows what SPACEDRIVE_LOG asks of the log: %s", async (level, shown) => {
    using temporary = temporaryFolder();
    const args = ["run", hello, "--state", '{"names":["Ada"]}', "--data-dir", join(temporary.path, "data")];
    const { code, stderr } = await sdx(args, { env: { SPACEDRIVE_LOG: level } });
    expect(stderr.includes("hello: Hello, Ada!\n")).toBe(shown);
    expect(code).toBe(0);
  });

  it("says how to give a state that does not fit", async () => {
    using temporary = temporaryFolder();
    const { code, stderr } = await run(join(temporary.path, "data"), "--state", '{"names":5}');
    expect(stderr).toContain(
      "names: Invalid input: expected array, received number. Give it with --state JSON; there is names, greeted.",
    );
    expect(code).toBe(1);
  });

  it("says how to name a location where a job needs one", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    const source = join(copy, "assembly/index.ts");
    const located = readFileSync(source, "utf8").replace(
      "names: string[] = [];",
      "location_id!: string;\n  names: string[] = [];",
    );
    writeFileSync(source, located);
    const { code, stderr } = await sdx(["run", copy, "--data-dir", join(temporary.path, "data")]);
    expect(stderr).toContain(
      '"hello:greet_all" works on a location, and was given none: name a folder with --location DIR',
    );
    expect(code).toBe(1);
  });

  it.each([
    ['{"names": [}', "line 1, column 12 (position 11)"],
    ["{names: []}", "line 1, column 2 (position 1)"],
    ["@nowhere.json", 'cannot read "nowhere.json"'],
  ])("refuses the state %s with the place of the fault, and makes nothing", async (state, place) => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const { code, stdout, stderr } = await sdx(["run", hello, "--state", state, "--data-dir", data]);
    expect(stderr).toContain(place);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("names the place in a file that is not JSON", async () => {
    using temporary = temporaryFolder();
    const file = join(temporary.path, "state.json");
    writeFileSync(file, '{\n  "names": ["Ada"\n}\n');
    const { code, stderr } = await sdx([
      "run",
      hello,
      "--state",
      `@${file}`,
      "--data-dir",
      join(temporary.path, "data"),
    ]);
    expect(stderr).toContain("line 3, column 1");
    expect(code).toBe(2);
  });

  it("refuses a state that the job's schema does not allow, naming the path", async () => {
    using temporary = temporaryFolder();
    const { code, stderr } = await sdx([
      "run",
      hello,
      "--state",
      '{"names": [1]}',
      "--data-dir",
      join(temporary.path, "data"),
    ]);
    expect(stderr).toContain("names[0]");
    expect(stderr).toContain("(INVALID_INPUT)");
    expect(code).toBe(1);
  });

  it("warns of keys that the job's state does not have, and runs", async () => {
    using temporary = temporaryFolder();
    const { code, stderr } = await run(join(temporary.path, "data"), "--state", '{"nams":["Ada"]}');
    expect(stderr).toContain(
      'warning: the state of "hello:greet_all" has no "nams": ignored; there is names, greeted.\n',
    );
    expect(code).toBe(0);
  });

  it("tells once why an extension cannot be loaded", async () => {
    using temporary = temporaryFolder();
    const copy = copyOf(hello, temporary.path);
    writeFileSync(join(copy, "build/hello.wasm"), "garbage");
    const { code, stderr } = await sdx(["run", copy, "--data-dir", join(temporary.path, "data")]);
    expect(stderr.match(/MODULE_INVALID/g)).toHaveLength(1);
    expect(stderr).not.toContain("failed to load");
    expect(code).toBe(1);
  });

  it("names the jobs that there are where it is told another", async () => {
    using temporary = temporaryFolder();
    const { code, stderr } = await sdx(["run", hello, "wave", "--data-dir", join(temporary.path, "data")]);
    expect(stderr).toContain('"hello" has no job "wave". It has: greet_all.');
    expect(code).toBe(2);
  });
});

describe("a job that is interrupted", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("is paused by %s, and goes on by sdx jobs resume", async (signal) => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const running = await startLong(data, temporary.path);
    running.child.kill(signal);
    const paused = await running.result();
    expect(paused.code).toBe(4);
    const result = jsonLines(paused.stdout).pop();
    expect(result).toMatchObject({ type: "result", status: "paused", error: null });
    const id = String(result?.["job_id"]);
    expect(paused.stderr).toContain(`sdx jobs resume ${id} --data-dir ${data}\n`);

    const resumed = await sdx(["jobs", "resume", id.slice(0, 8), "--data-dir", data, "--json"]);
    expect(resumed.code).toBe(0);
    expect(jsonLines(resumed.stdout).pop()).toMatchObject({
      job_id: id,
      status: "completed",
      state: { greeted: 600 },
      metrics: { items: 600 },
    });
  });

  it("is paused when nobody reads what it prints any more", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const running = await startLong(data, temporary.path);
    running.child.stdout?.destroy();
    expect((await running.result()).code).toBe(4);
    const listed = JSON.parse((await sdx(["jobs", "ls", "--json", "--data-dir", data])).stdout);
    expect(listed).toMatchObject([{ status: "paused" }]);
  });

  it("goes on by sdx jobs resume after its process was killed", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const killed = await startLong(data, temporary.path);
    killed.child.kill("SIGKILL");
    const id = String(jsonLines((await killed.result()).stdout)[0]?.["job_id"]);
    const resumed = await sdx(["jobs", "resume", id, "--data-dir", data, "--json"]);
    expect(jsonLines(resumed.stdout).pop()).toMatchObject({ status: "completed", metrics: { items: 600 } });
    expect(resumed.code).toBe(0);
  });

  it("stays as it was left while another job of its extension is run", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const killed = await startLong(data, temporary.path);
    killed.child.kill("SIGKILL");
    await killed.result();

    const { code, stderr } = await run(data);
    expect(code).toBe(0);
    const listed = JSON.parse((await sdx(["jobs", "ls", "--json", "--data-dir", data])).stdout);
    expect(listed).toMatchObject([
      { status: "completed" },
      { status: "queued", waiting_for: "to be resumed", attempt: 1 },
    ]);
    const resume = `sdx jobs resume ${listed[1].job_id} --data-dir ${data}`;
    expect(stderr).toContain(`Not resumed: 1 unfinished job of "hello". To go on with it: ${resume}\n`);
  });
});

describe("sdx jobs", () => {
  it("lists and shows jobs, for people and as JSON", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const id = String(jsonLines((await run(data, "--json")).stdout).pop()?.["job_id"]);
    const table = await sdx(["jobs", "ls", "--data-dir", data]);
    expect(table.stdout).toMatch(new RegExp(`${id} +hello:greet_all +completed +100% .* default +Greeted Grace`));
    const page = await sdx(["jobs", "show", id.slice(0, 8).toUpperCase(), "--data-dir", data]);
    expect(page.stdout).toMatch(
      /\ntimeline, from .*\n *\+0 ms {2}queued\n *\+\d+ m?s {2}running, attempt 1\n(.*\n)*.* completed\n$/,
    );
    expect(page.stdout).toMatch(/state +\{"names":\["Ada","Grace"\],"greeted":2\}/);
    const json = await sdx(["jobs", "show", id, "--json", "--data-dir", data]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      job_id: id,
      status: "completed",
      state: { greeted: 2 },
      attempt: 1,
    });
  });

  it("cancels a paused job for good", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const running = await startLong(data, temporary.path);
    running.child.kill("SIGINT");
    const id = String(jsonLines((await running.result()).stdout).pop()?.["job_id"]);
    expect(await sdx(["jobs", "cancel", id, "--data-dir", data])).toMatchObject({
      code: 0,
      stdout: `${id}  hello:greet_all  cancelled\n`,
    });
    const resumed = await sdx(["jobs", "resume", id, "--data-dir", data]);
    expect(resumed.stderr).toContain("(INVALID_TRANSITION)");
    expect(resumed.code).toBe(1);
  });

  it("says that there is no such job", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await sdx(["call", "query:test.ping.v1", '{"message":""}', "--data-dir", data]);
    const { code, stderr } = await sdx(["jobs", "show", "deadbeef", "--data-dir", data]);
    expect(stderr).toContain(`No job has this id: "deadbeef". To see them all: sdx jobs ls --data-dir ${data}`);
    expect(code).toBe(1);
  });

  it("makes no data directory by looking at one", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    for (const args of [["ls"], ["show", "deadbeef"], ["resume", "deadbeef"]]) {
      const { code, stdout, stderr } = await sdx(["jobs", ...args, "--data-dir", data]);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(`There is no data directory "${data}"`);
    }
    const { stderr } = await sdx(["jobs", "ls", "--json", "--data-dir", temporary.path]);
    expect(JSON.parse(stderr)).toMatchObject({
      code: "NOT_FOUND",
      error: expect.stringContaining("is no data directory"),
    });
    expect(readdirSync(temporary.path)).toEqual([]);
  });

  it.runIf(process.platform === "linux")("says so where no data directory can be made", async () => {
    const { code, stderr } = await sdx(["call", "query:test.ping.v1", "{}", "--data-dir", "/proc/spacedrive/data"]);
    expect(JSON.parse(stderr)).toMatchObject({
      code: "STORE_FAILED",
      error: expect.stringContaining("/proc/spacedrive"),
    });
    expect(code).toBe(1);
  });
});
