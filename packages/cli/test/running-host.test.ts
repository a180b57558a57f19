import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { startIntegratorsHost } from "./integrators-host.js";
import { jsonLines, RunningSdx, sdx, type SdxResult, temporaryFolder } from "./sdx.js";

const hello = inject("hello");
/** Each checkpoint writes the whole list, so that this takes far longer than a test looks at it. */
const endless = JSON.stringify({ names: Array.from({ length: 30_000 }, (_, index) => `guest ${index}`) });

function onData(data: string, ...args: string[]): Promise<SdxResult> {
  return sdx([...args, "--data-dir", data]);
}

/** Queues the job in the host, and answers its id. */
async function dispatch(data: string, params: string): Promise<string> {
  const input = join(data, "..", "dispatch.json");
  writeFileSync(input, `{"job_type":"hello:greet_all","params":${params}}`);
  const { stdout, stderr } = await onData(data, "call", "action:jobs.dispatch.input.v1", `@${input}`);
  expect(stderr).toBe("");
  return String(jsonLines(stdout)[0]?.["job_id"]);
}

describe("a job of a running sdx run", () => {
  it.each([
    ["pause", "paused", 4],
    ["cancel", "cancelled", 3],
  ] as const)("is shown and ended from elsewhere by sdx jobs %s", async (action, status, exitCode) => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const state = join(temporary.path, "state.json");
    writeFileSync(state, endless);
    const running = new RunningSdx(["run", hello, "--state", `@${state}`, "--data-dir", data, "--json"]);
    await running.until(({ stdout }) => stdout.includes('"checkpoint":3'));

    const [job] = JSON.parse((await onData(data, "jobs", "ls", "--json")).stdout);
    expect(job).toMatchObject({ type: "hello:greet_all", status: "running", library: "default" });
    expect((await onData(data, "jobs", "show", job.job_id)).stdout).toContain("running, attempt 1");
    const acted = await onData(data, "jobs", action, job.job_id.slice(0, 8));
    expect(acted).toEqual({ code: 0, stdout: `${job.job_id}  hello:greet_all  ${status}\n`, stderr: "" });
    const ended = await running.result();
    expect(ended.code).toBe(exitCode);
    expect(jsonLines(ended.stdout).pop()).toMatchObject({ type: "result", status });
  });
});

it("is followed from elsewhere to its end, with which its process closes", async () => {
  using temporary = temporaryFolder();
  const data = join(temporary.path, "data");
  const state = join(temporary.path, "state.json");
  writeFileSync(state, endless.replace(/\}$/, ',"greeted":29000}'));
  const running = new RunningSdx(["run", hello, "--state", `@${state}`, "--data-dir", data, "--json"]);
  await running.until(({ stdout }) => stdout.includes('"checkpoint":3'));
  const id = String(jsonLines(running.stdout)[0]?.["job_id"]);
  const followed = await onData(data, "jobs", "resume", id, "--json");
  expect(jsonLines(followed.stdout).pop()).toMatchObject({ status: "completed", metrics: { items: 1000 } });
  expect([followed.code, (await running.result()).code]).toEqual([0, 0]);
});

describe("sdx where a host has the data directory open", () => {
  it("calls the host's operations, and those of the extensions that it has loaded", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using host = await startIntegratorsHost(data, hello);
    const greet = ["call", "query:hello:greet.v1", '{"name":"Ada"}'];
    expect(await onData(data, ...greet)).toEqual({ code: 0, stdout: '{"greeting":"Hello, Ada!"}\n', stderr: "" });
    const refused = await onData(data, ...greet, "--extension", hello);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: "DATA_DIR_LOCKED", pid: host.pid, retryable: false });
    expect(refused.code).toBe(1);
    for (const [args, code] of [
      [["query:test.ping.v1", '{"message":1}'], "INVALID_INPUT"],
      [["query:other:greet.v1"], "NOT_FOUND"],
      [["query:test.ping.v1", "--library", "nowhere"], "LIBRARY_NOT_FOUND"],
    ] as const) {
      const failed = await onData(data, "call", ...args);
      expect(JSON.parse(failed.stderr)).toMatchObject({ code });
      expect([failed.code, failed.stdout]).toEqual([1, ""]);
    }
  });

  it("is one of several at once", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using _host = await startIntegratorsHost(data);
    const pings = Array.from({ length: 6 }, (_, number) =>
      onData(data, "call", "query:test.ping.v1", `{"message":"${number}"}`),
    );
    for (const [number, { code, stdout }] of (await Promise.all(pings)).entries()) {
      expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ echo: `Pong: ${number}` })]);
    }
  });

  it("says that sdx run needs the directory for itself, and whose it is", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using host = await startIntegratorsHost(data);
    const { code, stdout, stderr } = await onData(data, "run", hello, "--json");
    expect(JSON.parse(stderr)).toMatchObject({ code: "DATA_DIR_LOCKED", pid: host.pid });
    expect([code, stdout]).toEqual([1, ""]);
  });

  it("pauses its job, goes on with it, and follows it to its end", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using _host = await startIntegratorsHost(data, hello);
    const id = await dispatch(data, endless.replace(/\}$/, ',"greeted":29000}'));
    expect((await onData(data, "jobs", "pause", id)).stdout).toMatch(/ {2}paused\n$/);
    const resumed = await onData(data, "jobs", "resume", id, "--json");
    expect(jsonLines(resumed.stdout).pop()).toMatchObject({
      job_id: id,
      status: "completed",
      metrics: { items: 1000 },
    });
    expect(resumed.code).toBe(0);
  });

  it("retries a job that failed, and ends as it does", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using _host = await startIntegratorsHost(data, hello);
    const id = await dispatch(data, '{"names":["Ada"],"greeted":-1}');
    const ended = new RunningSdx(["jobs", "retry", id, "--data-dir", data]);
    const { code, stderr } = await ended.result();
    expect(stderr).toContain("hello:greet_all failed");
    expect(code).toBe(1);
  });

  it("stops watching at Ctrl-C, and the job goes on there", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using host = await startIntegratorsHost(data, hello);
    const id = await dispatch(data, endless);
    const watching = new RunningSdx(["jobs", "resume", id, "--data-dir", data, "--json"]);
    await watching.until(({ stdout }) => stdout.includes('"status":"running"'));
    watching.child.kill("SIGINT");
    const left = await watching.result();
    expect(left.code).toBe(130);
    expect(left.stderr).toContain(`The job goes on in the process with pid ${host.pid}`);
    expect(jsonLines(left.stdout).pop()).toMatchObject({ type: "result", status: "running" });
    expect((await onData(data, "jobs", "cancel", id)).stdout).toContain("cancelled");
  });

  it("says what a job waits for whose extension is not loaded there, and that the host closed", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const running = new RunningSdx([
      "run",
      hello,
      "--state",
      endless.slice(0, 60_000).replace(/,[^,]*$/, "]}"),
      "--data-dir",
      data,
    ]);
    await running.until(({ stderr }) => stderr.includes("Hello, guest 2!"));
    running.child.kill("SIGINT");
    expect((await running.result()).code).toBe(4);

    const host = await startIntegratorsHost(data);
    const [job] = JSON.parse((await onData(data, "jobs", "ls", "--json")).stdout);
    const watching = new RunningSdx(["jobs", "resume", job.job_id, "--data-dir", data]);
    await watching.until(({ stderr }) => stderr.includes("Waiting: "));
    await host[Symbol.asyncDispose]();
    const { code, stderr } = await watching.result();
    expect(stderr).toContain("hello");
    expect(stderr).toContain(`The process with pid ${host.pid} closed.`);
    expect(stderr).toContain("(CLOSED)");
    expect(code).toBe(1);
  });

  it("says whose the directory is where its process serves no socket", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    await using host = await startIntegratorsHost(data, "", "none");
    const { code, stderr } = await onData(data, "jobs", "ls");
    expect(stderr).toContain(`pid ${host.pid}`);
    expect(stderr).toContain("host.sock");
    expect(stderr).toContain("(DATA_DIR_LOCKED)");
    expect(code).toBe(1);
  });

  it("opens the directory itself once the host was killed, and its next host serves again", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const host = await startIntegratorsHost(data);
    await host.kill();
    const ping = ["call", "query:test.ping.v1", '{"message":"hi"}'];
    expect((await onData(data, ...ping)).stdout).toContain("Pong: hi");
    await using next = await startIntegratorsHost(data);
    const { stderr } = await onData(data, "call", "query:hello:greet.v1", "{}", "--extension", hello);
    expect(JSON.parse(stderr)).toMatchObject({ pid: next.pid });
    expect((await onData(data, ...ping)).stdout).toContain("Pong: hi");
  });
});

describe("several commands without a host", () => {
  it("wait for each other's turn", async () => {
    using temporary = temporaryFolder();
    const data = join(temporary.path, "data");
    const pings = [1, 2, 3].map((number) => onData(data, "call", "query:test.ping.v1", `{"message":"${number}"}`));
    expect((await Promise.all(pings)).map(({ code, stderr }) => [code, stderr])).toEqual([1, 2, 3].map(() => [0, ""]));
  });
});
