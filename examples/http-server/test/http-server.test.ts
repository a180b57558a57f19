import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const bundle = fileURLToPath(new URL("../dist/server.js", import.meta.url));
const extensions = fileURLToPath(new URL("../../../extensions", import.meta.url));

let dataDir: string;
let server: ChildProcessByStdio<null, Readable, Readable>;
let origin: string;

async function start(): Promise<void> {
  server = spawn(process.execPath, [bundle], {
    // A working directory without any node_modules: the bundle must stand alone.
    cwd: dataDir,
    env: { ...process.env, DATA_DIR: dataDir, EXTENSIONS_DIR: extensions, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const match = /listening on (http:\S+)/.exec(line);
    if (match?.[1] !== undefined) {
      origin = match[1];
      return;
    }
  }
  throw new Error("the server ended before it listened");
}

async function stop(): Promise<number | null> {
  if (server.exitCode !== null || server.signalCode !== null) return server.exitCode;
  const exit = once(server, "exit");
  server.kill("SIGTERM");
  await exit;
  return server.exitCode;
}

async function post(path: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await fetch(`${origin}${path}`, { method: "POST", body: JSON.stringify(body) });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "http-server-"));
  await start();
});

afterEach(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

describe("the bundled server", () => {
  it("answers an extension's query", async () => {
    const reply = await post("/tenants/acme/call/query:test-extension:ping.v1", { message: "hi", count: 2 });
    expect(reply).toEqual({ status: 200, body: { echo: "Pong: hi", count: 2, extension_works: true } });
  });

  it("denies clients the host's own operations", async () => {
    const reply = await post("/tenants/acme/call/query:test.ping.v1", { message: "hi" });
    expect(reply).toMatchObject({ status: 403, body: { code: "PERMISSION_DENIED" } });
  });

  it("denies clients the host's own jobs", async () => {
    const reply = await post("/tenants/acme/jobs", {
      job_type: "core.index_location",
      params: { location_id: crypto.randomUUID() },
    });
    expect(reply).toMatchObject({ status: 403, body: { code: "PERMISSION_DENIED" } });
  });

  it("takes names that every object has as data: of a key, a tenant, a method", async () => {
    const body = '{"message":"hi","__proto__":{"count":9},"constructor":{"prototype":{"count":9}}}';
    for (const name of ["__proto__", "constructor", "toString"]) {
      const call = (method: string): Promise<Response> =>
        fetch(`${origin}/tenants/${name}/call/${method}`, { method: "POST", body });
      expect(await (await call("query:test-extension:ping.v1")).json()).toMatchObject({ echo: "Pong: hi", count: 1 });
      for (const method of [name, `query:${name}`, `query:${name}:${name}.v1`]) {
        expect([400, 404]).toContain((await call(method)).status);
      }
    }
  });

  it("streams a job's progress to its end, to its own tenant only", async () => {
    const { body } = await post("/tenants/acme/jobs", { job_type: "test-extension:counter", params: { target: 500 } });
    const path = `jobs/${String(body["job_id"])}/events`;
    await post("/tenants/other/call/query:test-extension:ping.v1", { message: "" });
    expect((await fetch(`${origin}/tenants/other/${path}`)).status).toBe(404);
    const events = await (await fetch(`${origin}/tenants/acme/${path}`)).text();
    expect(events).toMatch(/event: end\ndata: \{"status":"completed"/);
  });

  it("makes no tenant for a GET", async () => {
    const reply = await fetch(`${origin}/tenants/acme/jobs/${crypto.randomUUID()}/events`);
    expect(reply.status).toBe(404);
    expect(await reply.json()).toMatchObject({ code: "LIBRARY_NOT_FOUND" });
    expect(await readdir(join(dataDir, "libraries"))).toEqual([]);

    await post("/tenants/acme/call/query:test-extension:ping.v1", { message: "" });
    expect(await readdir(join(dataDir, "libraries"))).toEqual(["acme"]);
  });

  it("ends with 0 and without a complaint on SIGTERM while somebody watches a job", async () => {
    const { body } = await post("/tenants/acme/jobs", {
      job_type: "test-extension:counter",
      params: { target: 50_000 },
    });
    const watched = await fetch(`${origin}/tenants/acme/jobs/${String(body["job_id"])}/events`);
    const complaints = text(server.stderr);
    expect(await stop()).toBe(0);
    expect(await complaints).toBe("");
    expect(await watched.text()).not.toContain("event: end");
  });

  it("ends with 0 on SIGTERM while a job runs, which goes on at the next start", async () => {
    const { body } = await post("/tenants/acme/jobs", {
      job_type: "test-extension:counter",
      params: { target: 5_000 },
    });
    expect(await stop()).toBe(0);
    await start();
    const events = await (await fetch(`${origin}/tenants/acme/jobs/${String(body["job_id"])}/events`)).text();
    expect(events).toMatch(/event: end\ndata: \{"status":"completed"/);
  });
});
