import { createTestHost, type Fault, type TestHost, type TestHostOptions } from "@spacedrive/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildMarker } from "./marker-extension.js";

let marker: Awaited<ReturnType<typeof buildMarker>>;

beforeAll(async () => {
  marker = await buildMarker();
});
afterAll(() => marker[Symbol.dispose]());

function open(options: TestHostOptions = {}): Promise<TestHost> {
  return createTestHost({ extension: marker.folder, ...options });
}

/** Makes an entry; it is there if this resolves. */
async function add(host: TestHost, name: string): Promise<string> {
  await host.call("action:vdfs.create_entry.input.v1", { name, path: name, entry_type: "note" });
  return name;
}

/** Makes entries one after the other; answers those that the host acknowledged, and the codes of the others' refusals. */
async function addAll(host: TestHost, names: readonly string[]): Promise<{ added: string[]; codes: unknown[] }> {
  const [added, codes]: [string[], unknown[]] = [[], []];
  for (const name of names) {
    await add(host, name).then(
      () => added.push(name),
      ({ code }) => codes.push(code),
    );
  }
  return { added, codes };
}

async function namesIn(host: TestHost): Promise<string[]> {
  return (await host.entries()).map(({ name }) => name);
}

const WHOLE = { status: "completed", state: "x".repeat(400), metrics: { items: 400 } };

describe.each([
  ["a process of its own", false],
  ["the test's process", true],
])("a host in %s", (_where, inProcess) => {
  it.each<[Fault, string]>([
    [{ fault: "disk-full", operation: "write", at: 2 }, "DISK_FULL"],
    [{ fault: "disk-full", operation: "commit", at: 2 }, "DISK_FULL"],
    [{ fault: "io-error", operation: "commit", at: 2 }, "STORE_FAILED"],
    [{ fault: "locked", operation: "write", at: 2 }, "STORE_LOCKED"],
    [{ fault: "corrupt", operation: "write", at: 2 }, "STORE_CORRUPT"],
    [{ fault: "corrupt", operation: "begin", at: 2 }, "STORE_CORRUPT"],
  ])("refuses what meets %j with its code, keeps the rest, and goes on", async (fault, code) => {
    await using host = await open({ inProcess, faults: [fault] });
    expect(await addAll(host, ["a", "b", "c"])).toEqual({ added: ["a", "c"], codes: [code] });
    expect(await namesIn(host)).toEqual(["a", "c"]);
    const { operation } = fault;
    expect(host.faults.fired).toEqual([{ fault, operation, database: "library" }]);
  });

  it("is locked for two writes and then no more", async () => {
    await using host = await open({ inProcess });
    await add(host, "a");
    await host.faults.set({ fault: "locked", operation: "write", times: 2 });
    expect(await addAll(host, ["b", "c", "d"])).toEqual({ added: ["d"], codes: ["STORE_LOCKED", "STORE_LOCKED"] });
    expect(await namesIn(host)).toEqual(["a", "d"]);
  });

  it("is full until there is room", async () => {
    await using host = await open({ inProcess, faults: [{ fault: "disk-full", operation: "write", times: Infinity }] });
    expect((await addAll(host, ["a", "b", "c"])).added).toEqual([]);
    await host.faults.clear();
    expect((await addAll(host, ["a", "b", "c"])).added).toEqual(["a", "b", "c"]);
  });

  it("acknowledges nothing that no sync has put on the disk, and has what it acknowledged when it starts again", async () => {
    await using host = await open({ inProcess });
    const before = await addAll(host, ["a", "b"]);
    await host.faults.set({ fault: "io-error", operation: "sync", times: Infinity });
    await expect(add(host, "c")).rejects.toMatchObject({ code: "STORE_FAILED", retryable: false });
    await host.faults.clear();
    await host.restart();
    expect(await namesIn(host)).toEqual(before.added);
    await add(host, "d");
    expect(await namesIn(host)).toEqual([...before.added, "d"]);
  });

  it.each([
    ["disk-full", "DISK_FULL"],
    ["io-error", "STORE_FAILED"],
  ] as const)("refuses a sidecar that meets %s, and keeps the one that was there", async (fault, code) => {
    await using host = await open({ inProcess, files: { "a.txt": "" } });
    const entry = await host.entry("a.txt");
    const write = (data: string): Promise<unknown> =>
      host.call("action:vdfs.write_sidecar.input.v1", { entry_id: entry.id, filename: "x", data });
    await write("AAAA");
    await host.faults.set({ fault, operation: "write-file" });
    await expect(write("BBBB")).rejects.toMatchObject({ code });
    expect((await host.readSidecar(entry, "x")).toString("base64")).toBe("AAAA");
    await write("BBBB");
    expect((await host.readSidecar(entry, "x")).toString("base64")).toBe("BBBB");
  });

  it("has its own database, which fails apart from the library", async () => {
    await using host = await open({
      inProcess,
      faults: [{ fault: "disk-full", operation: "write", database: "host", times: Infinity }],
    });
    await add(host, "a");
    expect(host.faults.fired).toEqual([]);
  });

  it("lives by a clock that is set back, over a restart too", async () => {
    await using host = await open({ inProcess });
    const now = async (): Promise<number> => {
      // Proof: the host's own operation answers so.
      const { unix_ms } = (await host.call("query:host.now.v1")) as { unix_ms: number };
      return unix_ms;
    };
    const before = await now();
    await host.faults.set({ fault: "clock-back", byMs: 3_600_000 });
    const after = await now();
    expect(after).toBeGreaterThanOrEqual(before - 3_600_000);
    expect(after).toBeLessThan(before - 3_000_000);
    await host.restart();
    expect(await now()).toBeLessThan(before - 3_000_000);
    expect(host.faults.fired).toHaveLength(1);
  });

  it("sets its clock back at the commit that is named", async () => {
    await using host = await open({
      inProcess,
      faults: [{ fault: "clock-back", byMs: 3_600_000, operation: "commit", at: 2 }],
    });
    await add(host, "a");
    expect(host.faults.fired).toEqual([]);
    await add(host, "b");
    expect(host.faults.fired.map(({ operation }) => operation)).toEqual(["commit"]);
  });

  it("finishes a job that a full disk, a lock or a jump of the clock interrupts, from its last checkpoint", async () => {
    await using host = await open({
      inProcess,
      faults: [
        { fault: "disk-full", operation: "write", at: 10 },
        { fault: "locked", operation: "write", at: 20, times: 3 },
        { fault: "clock-back", byMs: 3_600_000, operation: "write", at: 30 },
      ],
    });
    const job = await host.dispatch("mark", "");
    expect(await job.done()).toMatchObject({ ...WHOLE, checkpoint: 400, attempt: 3 });
    expect(host.faults.fired).toHaveLength(5);
  });

  it("ends a job that meets a damaged page, with its code, and finishes it when it is retried", async () => {
    await using host = await open({ inProcess, faults: [{ fault: "corrupt", operation: "write", at: 10 }] });
    const job = await host.dispatch("mark", "");
    expect(await job.done()).toMatchObject({ status: "failed", error: { code: "STORE_CORRUPT" }, checkpoint: 7 });
    await job.retry();
    expect(await job.done()).toMatchObject(WHOLE);
  });

  it("finishes a job whose checkpoint could not be synced when it is started again on a disk that can", async () => {
    await using host = await open({ inProcess });
    const job = await host.dispatch("mark", "");
    const seen = await job.until((update) => update.checkpoint >= 5);
    await host.faults.set({ fault: "io-error", operation: "sync", times: Infinity });
    while (host.faults.fired.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await host.faults.clear();
    await host.restart();
    expect((await job.record()).checkpoint).toBeGreaterThanOrEqual(seen?.checkpoint ?? Number.NaN);
    expect(await job.done()).toMatchObject(WHOLE);
  });

  it("has what it was told to have at its next start, too", async () => {
    await using host = await open({ inProcess });
    await host.faults.set({ fault: "disk-full", operation: "write", times: 3 });
    await expect(add(host, "a")).rejects.toMatchObject({ code: "DISK_FULL" });
    await host.restart();
    expect((await addAll(host, ["a", "b", "c"])).codes).toEqual(["DISK_FULL", "DISK_FULL"]);
    expect(host.faults.fired).toHaveLength(3);
  });
});

describe("a host that starts", () => {
  it.each([
    ["library", "corrupt", "STORE_CORRUPT"],
    ["library", "locked", "STORE_LOCKED"],
    ["host", "disk-full", "DISK_FULL"],
  ] as const)(
    "on a database of the %s that is %s says so, and starts once it is well",
    async (database, fault, code) => {
      await using host = await open();
      await add(host, "a");
      await host.kill();
      await host.faults.set({ fault, operation: "open", database, times: Infinity });
      await expect(host.restart()).rejects.toMatchObject({ code });
      await host.faults.clear();
      await host.restart();
      expect(await namesIn(host)).toEqual(["a"]);
    },
  );
});

describe("a kill", () => {
  it.each(["before", "after"] as const)(
    "%s any step of the host on its files loses nothing that was acknowledged, and doubles nothing",
    async (when) => {
      for (let at = 1; ; at += 5) {
        await using host = await open({ faults: [{ fault: "kill", when, at }] });
        const { added } = await addAll(host, ["a", "b", "c", "d"]);
        if (host.faults.fired.length === 0) return;
        await host.ended();
        await host.restart();
        const there = await namesIn(host);
        // The one that was under way may be there too: nobody was told.
        expect(there.slice(0, added.length)).toEqual(added);
        expect(there.length - added.length).toBeLessThanOrEqual(1);
      }
    },
    60_000,
  );

  it("in the middle of a job leaves it to go on from its last checkpoint", async () => {
    await using host = await open({ faults: [{ fault: "kill", when: "after", operation: "sync", at: 12 }] });
    const job = await host.dispatch("mark", "");
    await expect(job.done()).rejects.toMatchObject({ code: "CLOSED" });
    await host.ended();
    await expect(job.record()).rejects.toMatchObject({ code: "CLOSED", message: expect.stringContaining("restart()") });
    await host.restart();
    expect(await job.done()).toMatchObject({ ...WHOLE, attempt: 2 });
    expect(host.faults.fired).toHaveLength(1);
  });

  it("strikes once, and the next one after the next start", async () => {
    const commit = { fault: "kill", when: "before", operation: "commit" } as const;
    await using host = await open({ faults: [commit, { ...commit, at: 2 }] });
    await expect(add(host, "a")).rejects.toMatchObject({ code: "CLOSED" });
    await host.restart();
    await add(host, "b");
    await expect(add(host, "c")).rejects.toMatchObject({ code: "CLOSED" });
    await host.restart();
    expect((await addAll(host, ["d", "e", "f"])).added).toEqual(["d", "e", "f"]);
    expect(await namesIn(host)).toEqual(["b", "d", "e", "f"]);
  });

  it("after a sidecar's bytes and before its row leaves no sidecar, and no file behind", async () => {
    await using host = await open({ files: { "a.txt": "" } });
    const entry = await host.entry("a.txt");
    const input = { entry_id: entry.id, filename: "x", data: "AAAA" };
    await host.faults.set({ fault: "kill", when: "after", operation: "write-file" });
    await expect(host.call("action:vdfs.write_sidecar.input.v1", input)).rejects.toMatchObject({ code: "CLOSED" });
    await host.restart();
    expect(await host.sidecars(entry)).toEqual([]);
    expect(host.logs.map(({ message }) => message)).toContain("swept files that no sidecar names");
    await host.call("action:vdfs.write_sidecar.input.v1", input);
    expect(await host.sidecars(entry)).toHaveLength(1);
  });

  it("ends a loop over updates with CLOSED", async () => {
    await using host = await open();
    const job = await host.dispatch("mark", "");
    await host.faults.set({ fault: "kill", when: "before", operation: "write", at: 20 });
    const loop = async (): Promise<void> => {
      for await (const _update of job.updates());
    };
    await expect(loop()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("can be set for a host that does not run, and ends its start", async () => {
    await using host = await open();
    await host.dispatch("mark", "");
    await host.kill();
    await host.faults.set({ fault: "kill", when: "before", operation: "commit" });
    await host.restart().catch(() => {});
    await host.ended();
    expect(host.faults.fired).toHaveLength(1);
    await host.restart();
    expect((await host.jobs())[0]).toMatchObject({ type: "marker:mark" });
  });

  it("cannot be told to a host in the test's process", async () => {
    const kill = { fault: "kill", when: "before" } as const;
    await expect(open({ inProcess: true, faults: [kill] })).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await using host = await open({ inProcess: true });
    await expect(host.faults.set(kill)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^faults\[0\]\.fault: .*inProcess/),
    });
  });
});

describe("a plan of faults that cannot be", () => {
  it.each<[string, unknown, RegExp]>([
    ["a fault that there is not", { fault: "full", operation: "write" }, /faults\[0\]\.fault: .*'disk-full'/],
    ["an operation that there is not", { fault: "locked", operation: "wrote" }, /faults\[0\]\.operation: .*"write"/],
    ["a fault that the operation does not have", { fault: "locked", operation: "sync" }, /faults\[0\]\.operation/],
    ["no operation", { fault: "disk-full" }, /faults\[0\]\.operation/],
    ["a step before the first", { fault: "locked", operation: "write", at: 0 }, /faults\[0\]\.at: .*from 1/],
    ["half a time", { fault: "locked", operation: "write", times: 0.5 }, /faults\[0\]\.times: .*or Infinity/],
    ["a clock that goes on", { fault: "clock-back", byMs: -1 }, /faults\[0\]\.byMs: .*more than 0/],
    ["a misspelt field", { fault: "locked", operation: "write", tims: 2 }, /faults\[0\]: .*"tims"/],
    ["nothing", null, /faults\[0\]/],
  ])("is refused: %s", async (_what, fault, message) => {
    // Proof: none; a test in JavaScript has no types to guide it.
    const faults = [fault as Fault];
    await expect(open({ inProcess: true, faults })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
  });

  it("changes nothing of the one that was set", async () => {
    await using host = await open({ inProcess: true });
    await host.faults.set({ fault: "disk-full", operation: "write" });
    const wrong = { fault: "locked", operation: "sync" } as unknown;
    // Proof: none, as above.
    await expect(host.faults.set(wrong as Fault)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    await expect(add(host, "a")).rejects.toMatchObject({ code: "DISK_FULL" });
  });
});
