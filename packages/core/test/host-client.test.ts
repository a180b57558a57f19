import { chmod, lstat, mkdir, readdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { defineJob } from "@spacedrive/jobs";
import { type Logger, silentLogger } from "@spacedrive/wire";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { openSocketFolder } from "../src/host-socket/socket-folder.js";
import { HostSocket } from "../src/host-socket/host-socket.js";
import { connectToHost, listLibraries, openCore, openLibraryByName, ping } from "../src/index.js";
import { startHolder, startSocketHost } from "./children.js";
import { expectCode } from "./expect-code.js";
import { serveCore } from "./served-core.js";
import { tempFolder } from "./temp-folder.js";

const step = z.object({ done: z.number() });

/** A job of `total` steps, each of which waits for its turn. */
function stepJob(total: number, turn: (done: number) => Promise<void>) {
  return defineJob({
    type: "test.steps",
    state: step,
    async run(ctx, state) {
      for (let done = state.done; done < total; done++) {
        await turn(done);
        ctx.addWarning(`warning ${done + 1}`);
        ctx.reportProgress((done + 1) / total, `step ${done + 1}`);
        await ctx.checkpoint({ done: done + 1 });
      }
      return undefined;
    },
  });
}

describe("an open core", () => {
  it("serves a socket that only its user can open, and takes it away at close", async () => {
    await using dir = await tempFolder();
    const core = await openCore({ dataDir: dir.path });
    expect(core.socketPath).toBe(join(dir.path, "host.sock"));
    const socket = await lstat(join(dir.path, "host.sock"));
    expect([socket.isSocket(), socket.mode & 0o777]).toEqual([true, 0o600]);
    await core.close();
    expect((await readdir(dir.path)).filter((name) => name.startsWith("host.sock"))).toEqual([]);
  });

  it("serves none where it is told so", async () => {
    await using dir = await tempFolder();
    await using core = await openCore({ dataDir: dir.path, socket: false });
    expect(core.socketPath).toBeNull();
    await expectCode(connectToHost({ dataDir: dir.path }), "HOST_UNREACHABLE");
  });

  it("serves it in a folder whose path is too long for a socket", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "x".repeat(200), "data");
    await using core = await openCore({ dataDir });
    expect(core.socketPath).toBe(join(dataDir, "host.sock"));
    await using client = await connectToHost({ dataDir });
    expect(client.pid).toBe(process.pid);
  });

  it("works without a socket, and says so, where others could put one in its place", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    await mkdir(dataDir);
    await chmod(dataDir, 0o777);
    const warn = vi.fn<Logger["warn"]>();
    await using core = await openCore({ dataDir, logger: { ...silentLogger, warn } });
    expect(core.socketPath).toBeNull();
    expect(warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining("chmod go-w"));
    await core.libraries.open("home");
    await expectCode(connectToHost({ dataDir }), "PATH_DENIED");
  });

  it("takes the place of whatever lies where its socket belongs", async () => {
    await using dir = await tempFolder();
    await writeFile(join(dir.path, "host.sock"), "");
    await mkdir(join(dir.path, "host.sock.new", "left"), { recursive: true });
    await using core = await openCore({ dataDir: dir.path });
    await using client = await connectToHost({ dataDir: dir.path });
    expect(client.pid).toBe(process.pid);
    expect(core.socketPath).not.toBeNull();
  });

  it("leaves a socket that is not its own", async () => {
    await using dir = await tempFolder();
    const core = await openCore({ dataDir: dir.path });
    const other = createServer();
    other.listen({ path: join(dir.path, "other") });
    await once(other, "listening");
    await rename(join(dir.path, "other"), join(dir.path, "host.sock"));
    await core.close();
    expect(await readdir(dir.path)).toContain("host.sock");
    other.close();
  });
});

describe("openSocketFolder", () => {
  it("reaches a long path by a short link where descriptors are no files, and takes the link away", async () => {
    await using dir = await tempFolder();
    const long = join(dir.path, "x".repeat(200));
    await mkdir(long, { mode: 0o700 });
    const short = openSocketFolder(long, "darwin");
    expect(Buffer.byteLength(join(short.path, "host.sock.new", "s"))).toBeLessThan(104);
    expect((await stat(short.path)).ino).toBe((await lstat(long)).ino);
    short[Symbol.dispose]();
    await expect(lstat(short.path)).rejects.toThrow(/ENOENT/);
    using plain = openSocketFolder(dir.path, "darwin");
    expect(plain.path).toBe(dir.path);
  });

  it("follows no link that was put in the folder's place", async () => {
    await using dir = await tempFolder();
    await mkdir(join(dir.path, "real"), { mode: 0o700 });
    await symlink(join(dir.path, "real"), join(dir.path, "data"));
    expect(() => openSocketFolder(join(dir.path, "data"))).toThrow(/ENOTDIR|ELOOP/);
    expect(() => openSocketFolder(join(dir.path, "data"), "darwin")).toThrow(/is not a folder/);
  });
});

describe("a client of the host", () => {
  it("calls operations by definition and by method, and gets the host's errors whole", async () => {
    await using served = await serveCore();
    const { dataDir } = served.core;
    await using client = await connectToHost({ dataDir, client: "a test" });
    const { libraries, unopened } = await client.call(listLibraries, {});
    expect([libraries, unopened]).toEqual([[{ id: served.library, name: "home" }], []]);
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    expect(await client.call(ping, { message: "hi" }, { library: home.id })).toMatchObject({ echo: "Pong: hi" });
    expect(await client.call("query:test.ping", { message: "hi" }, { library: home.id })).toMatchObject({ count: 1 });
    expect(await client.call(openLibraryByName, { name: "work" })).toMatchObject({ name: "work" });
    const error = await expectCode(
      client.call("query:test.ping.v1", { message: 1 }, { library: home.id }),
      "INVALID_INPUT",
    );
    expect(error.details).toMatchObject({ issues: [{ path: ["message"] }] });
    await expectCode(client.call("query:test.pong.v1", {}), "NOT_FOUND");
    await expectCode(client.call(openLibraryByName, { name: "../work" }), "INVALID_INPUT");
  });

  it("is one of twenty that call at once", async () => {
    await using served = await serveCore();
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => connectToHost({ dataDir: served.core.dataDir })),
    );
    const answers = await Promise.all(
      clients.flatMap((client, number) =>
        Array.from({ length: 50 }, (_, call) =>
          client.call(ping, { message: `${number}.${call}` }, { library: home.id }),
        ),
      ),
    );
    expect(answers.map(({ echo }) => echo)).toEqual(
      clients.flatMap((_, number) => Array.from({ length: 50 }, (__, call) => `Pong: ${number}.${call}`)),
    );
    await Promise.all(clients.map((client) => client.close()));
  });

  it("carries 32 MiB there and back", async () => {
    await using served = await serveCore();
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    const as = { library: home.id };
    const entry = z
      .object({ id: z.string() })
      .parse(await client.call("action:vdfs.create_entry.input.v1", { name: "a", path: "a", entry_type: "file" }, as));
    const data = Buffer.alloc(32 * 1024 * 1024, "spacedrive").toString("base64");
    const sidecar = { entry_id: entry.id, filename: "big.bin" };
    await client.call("action:vdfs.write_sidecar.input.v1", { ...sidecar, data }, as);
    expect(await client.call("query:vdfs.read_sidecar.v1", sidecar, as)).toMatchObject({ data });
    await expectCode(client.call("query:test.ping.v1", { message: data + data }, as), "PAYLOAD_TOO_LARGE");
    expect(await client.call(ping, { message: "still here" }, as)).toMatchObject({ count: 1 });
  });

  it("gives a call up, here and in the host", async () => {
    await using served = await serveCore();
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    const giving = new AbortController();
    const call = client.call("query:test.wait.v1", {}, { signal: giving.signal });
    await served.seen.waiting;
    giving.abort();
    await expectCode(call, "CANCELLED");
    await served.seen.givenUp;
    expect(await client.call("query:test.long.v1", { bytes: 2 })).toBe("xx");
  });

  it("follows a job to its end, with each of its warnings once", async () => {
    await using served = await serveCore();
    const turns = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    const job = stepJob(3, async (done) => turns[done]?.promise);
    served.core.jobs.register(job);
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    const { id } = await served.core.jobs.dispatch(job, { done: 0 }, { library: home.id });
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    const warnings: string[] = [];
    const updates = client.follow(id);
    let step = await updates.next();
    for (; step.done !== true; step = await updates.next()) {
      warnings.push(...step.value.newWarnings);
      if (step.value.status === "running") turns[step.value.checkpoint]?.resolve();
    }
    expect(step.value).toMatchObject({ job_id: id, status: "completed", state: { done: 3 } });
    expect(warnings).toEqual(["warning 1", "warning 2", "warning 3"]);
  });

  it("stops following when its signal aborts, and when it leaves the loop", async () => {
    await using served = await serveCore();
    const job = stepJob(1, () => new Promise(() => {}));
    served.core.jobs.register(job);
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    const { id } = await served.core.jobs.dispatch(job, { done: 0 }, { library: home.id });
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    for await (const _update of client.follow(id)) break;
    const leaving = new AbortController();
    for await (const _update of client.follow(id, { signal: leaving.signal })) leaving.abort();
    await expectCode(client.follow(served.core.libraries.list()[0]?.id as never).next(), "NOT_FOUND");
    await served.core.jobs.cancel(id);
  });

  it("that connects before the host is ready waits for it", async () => {
    await using dir = await tempFolder();
    await using core = await openCore({ dataDir: dir.path, socket: false });
    await using socket = await HostSocket.listen({ folder: dir.path, logger: silentLogger });
    const connecting = connectToHost({ dataDir: dir.path });
    await vi.waitFor(() => expect(socket.connections).toBe(1));
    socket.serve(core);
    await using client = await connecting;
    expect(await client.call(listLibraries, {})).toEqual({ libraries: [], unopened: [] });
  });

  it("does not wait for ever for a host that does not answer", async () => {
    await using dir = await tempFolder();
    await using socket = await HostSocket.listen({ folder: dir.path, logger: silentLogger });
    const error = await expectCode(connectToHost({ dataDir: dir.path, helloMs: 30 }), "HOST_UNREACHABLE");
    expect(error.message).toContain("did not answer");
    expect(socket.path).toBe(join(dir.path, "host.sock"));
  });

  it("says nothing to what is no socket, and understands that something else answers", async () => {
    await using dir = await tempFolder();
    await writeFile(join(dir.path, "host.sock"), "");
    await expectCode(connectToHost({ dataDir: dir.path }), "PATH_DENIED");
    await using other = await tempFolder();
    const server = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH\n"));
    server.listen({ path: join(other.path, "host.sock") });
    await once(server, "listening");
    await expectCode(connectToHost({ dataDir: other.path }), "PROTOCOL_UNSUPPORTED");
    server.close();
  });

  it("that closes settles its calls, twice without harm", async () => {
    await using served = await serveCore();
    const client = await connectToHost({ dataDir: served.core.dataDir });
    const refused = expectCode(client.call("query:test.wait.v1", {}), "CLOSED");
    await served.seen.waiting;
    await client.close();
    await client.close();
    await refused;
    await expectCode(client.call("query:test.long.v1", { bytes: 1 }), "CLOSED");
    await served.seen.givenUp;
  });
});

describe("a host that ends", () => {
  it("answers what is under way with CLOSED, refuses what comes, and lets go of its clients", async () => {
    await using served = await serveCore({ closeMs: 50 });
    const job = stepJob(1, () => new Promise(() => {}));
    served.core.jobs.register(job);
    const [home] = served.core.libraries.list();
    if (home === undefined) throw new Error("no library");
    const { id } = await served.core.jobs.dispatch(job, { done: 0 }, { library: home.id });
    const clients = await Promise.all([1, 2, 3].map(() => connectToHost({ dataDir: served.core.dataDir })));
    const [caller, follower, idle] = clients;
    const call = caller?.call("query:test.wait.v1", {});
    await served.seen.waiting;
    const updates = follower?.follow(id);
    await updates?.next();
    const closing = served.socket.close();
    const late = caller?.call("query:test.long.v1", { bytes: 1 });
    await expectCode(Promise.resolve(late), "CLOSED");
    await expectCode(Promise.resolve(call), "CLOSED");
    await expectCode(
      (async () => {
        for await (const _ of updates ?? []);
      })(),
      "CLOSED",
    );
    await closing;
    expect(served.socket.connections).toBe(0);
    await expectCode(Promise.resolve(idle?.call("query:test.long.v1", { bytes: 1 })), "CLOSED");
    await Promise.all(clients.map((client) => client.close()));
    await served.core.jobs.cancel(id);
  });

  it("lets a call that is about to end do so", async () => {
    await using served = await serveCore();
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    const call = client.call("query:test.wait.v1", {});
    await served.seen.waiting;
    const closing = served.socket.close();
    served.seen.answer();
    expect(await call).toEqual({});
    await closing;
  });

  it("did not begin a call that crosses its goodbye, and its client knows", async () => {
    await using served = await serveCore();
    await using client = await connectToHost({ dataDir: served.core.dataDir });
    const made = client.call(openLibraryByName, { name: "work" });
    await Promise.all([expectCode(made, "CLOSED"), served.socket.close()]);
    expect(served.core.libraries.list()).toHaveLength(1);
  });

  it("leaves nothing behind, and its process ends by itself", async () => {
    await using dir = await tempFolder();
    const host = await startSocketHost(dir.path);
    const clients = await Promise.all([1, 2].map(() => connectToHost({ dataDir: dir.path })));
    const call = clients[0]?.call("query:test.wait.v1", {});
    expect((await once(host, "message"))[0]).toBe("waiting");
    const refused = expectCode(Promise.resolve(call), "CLOSED");
    host.send("close");
    await refused;
    expect((await once(host, "message"))[0]).toEqual(["closed", []]);
    expect(await once(host, "exit")).toEqual([0, null]);
    await Promise.all(clients.map((client) => client.close()));
  });

  it("is not kept alive by its socket", async () => {
    await using dir = await tempFolder();
    const host = await startSocketHost(dir.path, "idle");
    const [code] = await once(host, "exit");
    expect(code).toBe(0);
  });

  it("that is killed leaves calls that tell so, and a socket that the next host takes over", async () => {
    await using dir = await tempFolder();
    const host = await startSocketHost(dir.path);
    await using client = await connectToHost({ dataDir: dir.path });
    expect(client.pid).toBe(host.pid);
    const lost = expectCode(client.call("query:test.wait.v1", {}), "HOST_UNREACHABLE");
    await once(host, "message");
    host.kill("SIGKILL");
    await lost;
    await expectCode(connectToHost({ dataDir: dir.path }), "HOST_UNREACHABLE");
    expect(await readdir(dir.path)).toContain("host.sock");

    const next = await startHolder(dir.path);
    await using again = await connectToHost({ dataDir: dir.path });
    expect(again.pid).toBe(next.pid);
    expect(await again.call(listLibraries, {})).toMatchObject({ libraries: [{ name: "home" }] });
    next.kill("SIGKILL");
    await once(next, "exit");
  });

  it("keeps its socket while others try to open the same directory", async () => {
    await using dir = await tempFolder();
    const host = await startSocketHost(dir.path);
    await Promise.all([1, 2, 3].map(() => expectCode(openCore({ dataDir: dir.path }), "DATA_DIR_LOCKED")));
    await using client = await connectToHost({ dataDir: dir.path });
    expect(client.pid).toBe(host.pid);
    host.send("close");
    await once(host, "exit");
  });
});
