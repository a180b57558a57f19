import { existsSync } from "node:fs";
import { defineQuery } from "@spacedrive/runtime";
// By its own name: the host's process is started from what is built.
import { createTestHost, type TestHost, type TestHostOptions } from "@spacedrive/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { buildMarker } from "./marker-extension.js";

let marker: Awaited<ReturnType<typeof buildMarker>>;

beforeAll(async () => {
  marker = await buildMarker();
});
afterAll(() => marker[Symbol.dispose]());

function open(options: TestHostOptions = {}): Promise<TestHost> {
  return createTestHost({ extension: marker.folder, ...options });
}

const CLOSED = expect.objectContaining({ code: "CLOSED" });

describe.each([
  ["a process of its own", false],
  ["the test's process", true],
])("a host in %s", (_where, inProcess) => {
  it("answers what the extension answers", async () => {
    await using host = await open({ inProcess });
    expect(await host.call("query:marker:echo.v1", { text: "ü", list: [1, null] })).toEqual({
      text: "ü",
      list: [1, null],
    });
    expect(await host.callExport("speak")).toBe(7);
    expect(host.logged()).toContain("the marker speaks");
  });

  it("rejects with the host's own code", async () => {
    await using host = await open({ inProcess });
    await expect(host.call("query:marker:nothing.v1")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(host.callExport("nothing")).rejects.toMatchObject({ code: "EXPORT_NOT_FOUND" });
  });

  it("runs a job, with its updates", async () => {
    await using host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    const statuses = new Set<string>();
    for await (const update of job.updates()) statuses.add(update.status);
    expect([...statuses].at(-1)).toBe("completed");
    const end = await job.done();
    expect(end).toMatchObject({ status: "completed", state: "x".repeat(400), result: null, metrics: { items: 400 } });
    expect(await host.jobs()).toMatchObject([{ id: job.id, type: "marker:mark" }]);
  });

  it("pauses and resumes a job", async () => {
    await using host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    await job.until((update) => update.checkpoint > 5);
    await job.pause();
    const paused = await job.record();
    expect(paused.status).toBe("paused");
    await job.resume();
    expect(await job.done()).toMatchObject({ status: "completed", state: "x".repeat(400) });
  });

  it("stops following when the test's loop ends", async () => {
    await using host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    for await (const _update of job.updates()) break;
    expect((await job.done()).status).toBe("completed");
  });

  it("indexes the files of the test", async () => {
    await using host = await open({ inProcess, files: { "a.txt": "one", "deep/b.bin": new Uint8Array([0, 1]) } });
    expect((await host.entries()).map((entry) => entry.path)).toEqual(["a.txt", "deep", "deep/b.bin"]);
    expect(await host.entry("deep/b.bin")).toMatchObject({ size: 2, location_id: host.location });
  });

  it("gives back the sidecars of an entry", async () => {
    await using host = await open({ inProcess, files: { "a.txt": "one" } });
    const entry = await host.entry("a.txt");
    const data = Buffer.from('{"words":1}').toString("base64");
    await host.call("action:vdfs.write_sidecar.input.v1", { entry_id: entry.id, filename: "count.json", data });
    expect(await host.sidecars(entry)).toMatchObject([{ filename: "count.json", size: 11 }]);
    expect(await host.readJsonSidecar(entry, "count.json")).toEqual({ words: 1 });
  });

  it("serves the application's operations from a module", async () => {
    await using host = await open({ inProcess, operations: new URL("fixtures/weather.ts", import.meta.url) });
    expect(await host.call("query:marker:weather.v1", { city: "Oslo" })).toEqual({ celsius: 4 });
  });

  it("grants no more than it is told", async () => {
    const operations = new URL("fixtures/weather.ts", import.meta.url);
    await using host = await open({ inProcess, operations, grants: ["vdfs."] });
    await expect(host.call("query:marker:weather.v1", { city: "Oslo" })).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });

  it("keeps its library over an orderly restart", async () => {
    await using host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    await job.until((update) => update.checkpoint > 5);
    await host.restart();
    expect(await job.done()).toMatchObject({ status: "completed", state: "x".repeat(400), metrics: { items: 400 } });
  });

  it("is closed when it is disposed, twice too", async () => {
    const host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    await host[Symbol.asyncDispose]();
    await host[Symbol.asyncDispose]();
    await expect(host.call("query:test.ping.v1", { message: "" })).rejects.toThrow(CLOSED);
    await expect(job.done()).rejects.toThrow(CLOSED);
    await expect(host.restart()).rejects.toThrow(CLOSED);
  });

  it("says that an extension is not there", async () => {
    await expect(open({ inProcess, extension: "nowhere" })).rejects.toMatchObject({ code: "EXTENSION_NOT_FOUND" });
  });
});

describe("a killed host", () => {
  it("resumes its job from the last checkpoint when it is started again", async () => {
    await using host = await open();
    const job = await host.dispatch("mark", "");
    const killedAt = await host.killWhen(job, (update) => update.checkpoint >= 20);
    await expect(job.done()).rejects.toThrow(CLOSED);

    await host.restart();
    const resumed = await job.record();
    expect(resumed.checkpoint).toBeGreaterThanOrEqual(killedAt.checkpoint);
    expect(await job.done()).toMatchObject({
      status: "completed",
      attempt: 2,
      state: "x".repeat(400),
      metrics: { items: 400 },
    });
  });

  it("ends a loop over updates with CLOSED", async () => {
    await using host = await open();
    const job = await host.dispatch("mark", "");
    const loop = async (): Promise<void> => {
      for await (const update of job.updates()) if (update.checkpoint === 1) void host.kill();
    };
    await expect(loop()).rejects.toThrow(CLOSED);
  });

  it("says so where the job had ended before", async () => {
    await using host = await open();
    const job = await host.dispatch("mark", JSON.parse(`"${"x".repeat(400)}"`));
    await expect(host.killWhen(job, () => false)).rejects.toMatchObject({ code: "CONFLICT" });
  });

  it("cannot be one that runs in the test's process", async () => {
    await using host = await open({ inProcess: true });
    await expect(host.kill()).rejects.toMatchObject({ code: "CONFLICT" });
  });
});

describe("createTestHost", () => {
  it("takes operations themselves only in the test's process", async () => {
    const operations = [
      defineQuery({
        name: "app.weather",
        scope: "host",
        input: z.object({}),
        output: z.object({ celsius: z.number() }),
        run: () => ({ celsius: 1 }),
      }),
    ];
    await expect(open({ operations })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await using host = await open({ operations, inProcess: true });
    expect(await host.call("query:marker:weather.v1", {})).toEqual({ celsius: 1 });
  });

  it("leaves no folder behind", async () => {
    const host = await open({ files: { "a.txt": "" } });
    const [location] = (await host.call("query:vdfs.list_locations.v1")) as [{ path: string }];
    expect(existsSync(location.path)).toBe(true);
    await host[Symbol.asyncDispose]();
    expect(existsSync(location.path)).toBe(false);
  });

  it("refuses files that lead out of the test's folder", async () => {
    await expect(open({ files: { "../a.txt": "" } })).rejects.toMatchObject({ code: "PATH_DENIED" });
  });
});
