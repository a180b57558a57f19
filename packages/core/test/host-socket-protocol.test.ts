import { readFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { RawClient } from "./raw-client.js";
import { serveCore } from "./served-core.js";

const call = (id: unknown, method: string, params?: unknown) => ({ jsonrpc: "2.0", id, method, params });
const fault = (id: unknown, code: number, ours: string) => ({
  jsonrpc: "2.0",
  id,
  error: {
    code,
    message: expect.any(String),
    data: expect.objectContaining({ code: ours, error: expect.any(String) }),
  },
});
/** An object with the kinds of its values instead of them. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shapeOf(part)]));
}
const hello = call("hello", "host.hello", { protocol: 1, client: "a test" });

describe("the protocol of the socket", () => {
  it("begins with a hello, which tells whose socket it is", async () => {
    await using served = await serveCore();
    await using client = await RawClient.connect(served.path);
    client.send(call(1, "query:test.ping.v1", {}));
    expect(await client.next()).toEqual(fault(1, -32600, "INVALID_INPUT"));
    client.send(hello);
    const result = { protocol: 1, pid: process.pid, data_dir: served.core.dataDir };
    expect(await client.next()).toEqual({ jsonrpc: "2.0", id: "hello", result });
  });

  it("refuses another version, and says which it knows", async () => {
    await using served = await serveCore();
    await using client = await RawClient.connect(served.path);
    client.send(call(1, "host.hello", { protocol: 2 }));
    expect(await client.next()).toMatchObject({
      id: 1,
      error: { code: -32000, data: { code: "PROTOCOL_UNSUPPORTED", known: [1] } },
    });
    client.send(call(2, "query:test.ping.v1", {}));
    expect(await client.next()).toEqual(fault(2, -32600, "INVALID_INPUT"));
  });

  it("answers requests that come in one piece, and one that comes byte by byte", async () => {
    await using served = await serveCore();
    await using client = await RawClient.connect(served.path);
    client.library = served.library;
    client.socket.write(`${JSON.stringify(hello)}\n\n${JSON.stringify(client.ping(1, "one"))}\r\n`);
    expect(await client.next()).toMatchObject({ id: "hello" });
    expect(await client.next()).toMatchObject({ id: 1, result: { echo: "Pong: one" } });
    for (const byte of Buffer.from(`${JSON.stringify(client.ping(2, "zwei ✓"))}\n`)) {
      await new Promise<void>((resolve) => client.socket.write(Buffer.of(byte), () => resolve()));
    }
    expect(await client.next()).toMatchObject({ id: 2, result: { echo: "Pong: zwei ✓" } });
  });

  it("takes every kind of id, and answers no notification", async () => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    client.library = served.library;
    const { id: _, ...notification } = client.ping(0);
    client.send(notification);
    for (const id of [0, "", "a", 2.5, null]) {
      client.send(client.ping(id));
      expect(await client.next()).toMatchObject({ id, result: { echo: "Pong: hi" } });
    }
  });

  it("answers a batch with the answers to its requests", async () => {
    await using served = await serveCore({ maxRequests: 3 });
    await using client = await RawClient.greeted(served.path);
    client.library = served.library;
    const { id: _, ...notification } = client.ping(0);
    client.send([client.ping(1), notification, 7]);
    expect(await client.next()).toEqual([
      expect.objectContaining({ id: 1, result: expect.anything() }),
      fault(null, -32600, "INVALID_INPUT"),
    ]);
    client.send([notification]);
    client.send([]);
    expect(await client.next()).toEqual(fault(null, -32600, "INVALID_INPUT"));
    client.send([1, 2, 3, 4]);
    expect(await client.next()).toEqual(fault(null, -32600, "INVALID_INPUT"));
  });

  it.each([
    ["what is not JSON", "{", -32700],
    ["what is HTTP", "GET / HTTP/1.1", -32700],
    ["what is not UTF-8", Buffer.from([0x22, 0xff, 0x22]), -32700],
    ["a number", "1", -32600],
    ["null", "null", -32600],
    ["an object without a version", '{"id":1,"method":"query:test.ping.v1"}', -32600],
    ["a method that is no text", '{"jsonrpc":"2.0","id":1,"method":["query"]}', -32600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"query:test.ping.v1"}', -32600],
    ["ten thousand brackets", "[".repeat(10_000), -32700],
  ])("goes on after %s", async (_what, bytes, code) => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    client.library = served.library;
    client.socket.write(bytes);
    client.socket.write("\n");
    expect(await client.next()).toEqual(fault(null, code, "INVALID_INPUT"));
    client.send(client.ping(1));
    expect(await client.next()).toMatchObject({ id: 1, result: { echo: "Pong: hi" } });
  });

  it.each([
    ["no method of the host", "host.shutdown", {}, -32601, "NOT_FOUND"],
    ["a name of JavaScript's", "__proto__", {}, -32601, "NOT_FOUND"],
    ["no operation", "query:test.pong.v1", {}, -32000, "NOT_FOUND"],
    ["a malformed method", "query:", {}, -32000, "INVALID_INPUT"],
    ["params that are a list", "query:test.ping.v1", [], -32602, "INVALID_INPUT"],
    ["a library that is no id", "query:test.ping.v1", { library: "home" }, -32000, "INVALID_INPUT"],
    ["no library", "query:test.ping.v1", { input: { message: "" } }, -32000, "LIBRARY_REQUIRED"],
    ["no job", "host.follow_job", { job_id: "0b6f7a9e-3f0a-4c58-9a55-0123456789ab" }, -32000, "NOT_FOUND"],
    ["no job id", "host.follow_job", {}, -32602, "INVALID_INPUT"],
    ["no hello", "host.hello", { protocol: "1" }, -32602, "INVALID_INPUT"],
  ])("answers a call to %s with its codes", async (_what, method, params, code, ours) => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    client.send(call(1, method, params));
    expect(await client.next()).toEqual(fault(1, code, ours));
  });

  it("refuses a second request with the id of one that is under way, which goes on", async () => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    client.send(call(1, "query:test.wait.v1", {}));
    await served.seen.waiting;
    client.send(call(1, "query:test.long.v1", { input: { bytes: 1 } }));
    expect(await client.next()).toEqual(fault(1, -32600, "INVALID_INPUT"));
    client.send({ jsonrpc: "2.0", method: "host.cancel", params: { id: 1 } });
    expect(await client.next()).toEqual(fault(1, -32000, "CANCELLED"));
    await served.seen.givenUp;
  });

  it("answers as many requests at once as its limit allows, and the next with BUSY", async () => {
    await using served = await serveCore({ maxRequests: 2 });
    await using client = await RawClient.greeted(served.path);
    for (const id of [1, 2]) client.send(call(id, "query:test.wait.v1", {}));
    client.send(call(3, "query:test.long.v1", { input: { bytes: 1 } }));
    expect(await client.next()).toEqual(fault(3, -32000, "BUSY"));
    client.send({ jsonrpc: "2.0", method: "host.cancel", params: { id: 1 } });
    expect(await client.next()).toEqual(fault(1, -32000, "CANCELLED"));
    client.send(call(4, "query:test.long.v1", { input: { bytes: 1 } }));
    expect(await client.next()).toMatchObject({ id: 4, result: "x" });
  });

  it("sends an answer of the limit, and refuses a longer one", async () => {
    await using served = await serveCore({ maxMessageBytes: 4096 });
    await using client = await RawClient.greeted(served.path);
    const overhead = '{"jsonrpc":"2.0","id":1,"result":""}'.length;
    client.send(call(1, "query:test.long.v1", { input: { bytes: 4096 - overhead } }));
    expect(await client.next()).toMatchObject({ id: 1, result: expect.any(String) });
    client.send(call(2, "query:test.long.v1", { input: { bytes: 4097 - overhead } }));
    expect(await client.next()).toEqual(fault(2, -32000, "REPLY_TOO_LARGE"));
  });

  it("is what docs/host-socket.md shows", async () => {
    const page = await readFile(new URL("../../../docs/host-socket.md", import.meta.url), "utf8");
    const lines = [...page.matchAll(/^([→←]) (\{.*\})$/gm)].map(([, direction, json = ""]) => ({ direction, json }));
    expect(lines).toHaveLength(6);
    await using served = await serveCore();
    await using client = await RawClient.connect(served.path);
    for (const [asked, answered] of [lines.slice(0, 2), lines.slice(2, 4), lines.slice(4)]) {
      expect([asked?.direction, answered?.direction]).toEqual(["→", "←"]);
      client.socket.write(`${asked?.json.replace("0198…", served.library)}\n`);
      expect(shapeOf(await client.next())).toEqual(shapeOf(JSON.parse(answered?.json ?? "")));
    }
  });
});

describe("a client that misbehaves", () => {
  it("hears why when its message is too long, and others go on", async () => {
    await using served = await serveCore({ maxMessageBytes: 4096 });
    await using good = await RawClient.greeted(served.path);
    good.library = served.library;
    await using bad = await RawClient.greeted(served.path);
    bad.socket.write("x".repeat(200_000));
    expect(await bad.next()).toEqual(fault(null, -32000, "PAYLOAD_TOO_LARGE"));
    expect(await bad.next()).toBeNull();
    good.send(good.ping(1));
    expect(await good.next()).toMatchObject({ id: 1, result: expect.anything() });
  });

  it("is disconnected where it says no hello in time", async () => {
    await using served = await serveCore({ helloMs: 40 });
    await using client = await RawClient.connect(served.path);
    expect(await client.next()).toEqual(fault(null, -32000, "TIMEOUT"));
    expect(await client.next()).toBeNull();
  });

  it("is disconnected where a message has no end in time, also if it sends a byte now and then", async () => {
    await using served = await serveCore({ stallMs: 60 });
    await using silent = await RawClient.greeted(served.path);
    silent.socket.write('{"jsonrpc"');
    expect(await silent.next()).toEqual(fault(null, -32000, "TIMEOUT"));
    await using dripping = await RawClient.greeted(served.path);
    const drip = setInterval(() => dripping.socket.write(" "), 10);
    dripping.socket.write("{");
    expect(await dripping.next()).toEqual(fault(null, -32000, "TIMEOUT"));
    clearInterval(drip);
  });

  it("may be idle for as long as it likes", async () => {
    await using served = await serveCore({ stallMs: 20, helloMs: 20 });
    await using client = await RawClient.greeted(served.path);
    client.library = served.library;
    // Another that says nothing is disconnected meanwhile.
    await using silent = await RawClient.connect(served.path);
    await silent.ended;
    client.send(client.ping(1));
    expect(await client.next()).toMatchObject({ id: 1, result: expect.anything() });
  });

  it("is disconnected where it does not read what it asked for", async () => {
    await using served = await serveCore({ stallMs: 60 });
    await using client = await RawClient.greeted(served.path);
    client.socket.pause();
    for (let id = 0; id < 8; id++) client.send(call(id, "query:test.long.v1", { input: { bytes: 4_000_000 } }));
    expect(served.socket.connections).toBe(1);
    await vi.waitFor(() => expect(served.socket.connections).toBe(0));
  });

  it("takes its calls with it when it goes", async () => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    client.send(call(1, "query:test.wait.v1", {}));
    await served.seen.waiting;
    client.socket.destroy();
    await served.seen.givenUp;
  });

  it("finds no place where there are too many, and finds one when another leaves", async () => {
    await using served = await serveCore({ maxConnections: 2 });
    await using first = await RawClient.greeted(served.path);
    await using _second = await RawClient.greeted(served.path);
    await using third = await RawClient.connect(served.path);
    expect(await third.next()).toEqual(fault(null, -32000, "BUSY"));
    expect(await third.next()).toBeNull();
    first.socket.destroy();
    await vi.waitFor(() => expect(served.socket.connections).toBe(1));
    await using fourth = await RawClient.greeted(served.path);
    fourth.library = served.library;
    fourth.send(fourth.ping(1));
    expect(await fourth.next()).toMatchObject({ id: 1, result: expect.anything() });
  });
});
