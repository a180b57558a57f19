import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawClient } from "./raw-client.js";
import { serveCore } from "./served-core.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary, type TestLibrary } from "./test-library.js";

const NAMES = [...Object.getOwnPropertyNames(Object.prototype), "prototype"];
/** A JSON object in which each of those names is a key, with objects below that would end up in a prototype. */
const HOSTILE = `{${NAMES.map((name) => `"${name}":{"polluted":true,"__proto__":{"polluted":true}}`).join(",")}}`;
const SHARED = { Object, Array, Function, Map, Promise, String, Error, Buffer };

/** Every key and value of the prototypes that all objects share, and of their constructors. */
function sharedPrototypes(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, constructor] of Object.entries(SHARED)) {
    for (const [what, shared] of [
      [`${name}.prototype`, constructor.prototype],
      [name, constructor],
    ] as const) {
      found.set(what, Object.getPrototypeOf(shared));
      for (const key of Reflect.ownKeys(shared)) {
        const descriptor: Readonly<Record<string, unknown>> = { ...Object.getOwnPropertyDescriptor(shared, key) };
        for (const [aspect, value] of Object.entries(descriptor)) found.set(`${what}.${String(key)} ${aspect}`, value);
      }
    }
  }
  return found;
}

let before: Map<string, unknown>;
beforeEach(() => {
  before = sharedPrototypes();
});
afterEach(() => {
  const now = sharedPrototypes();
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key));
  expect(changed).toEqual([]);
});

/** With JSON text both ways, so that nothing of the test's own touches a key. */
async function callText(home: TestLibrary, method: string, payload: string): Promise<string> {
  return home.core.wire.callJson(method, payload, { caller: { kind: "user" }, library: home.library.id });
}

async function makeEntry(home: TestLibrary, name: string, metadata = "{}"): Promise<string> {
  const payload = `{"name":"${name}","path":"${name}","entry_type":"${name}","metadata":${metadata}}`;
  return JSON.parse(await callText(home, "action:vdfs.create_entry.input.v1", payload)).id;
}

describe("a name that every object has", () => {
  it("is an ordinary name, path and type of an entry, and an ordinary key of its metadata", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    for (const name of NAMES) {
      const id = await makeEntry(home, name, HOSTILE);
      const merged = await callText(
        home,
        "action:vdfs.update_metadata.input.v1",
        `{"entry_id":"${id}","metadata":{"${name}":null,"more":${HOSTILE}}}`,
      );
      expect(Object.keys(JSON.parse(merged).metadata)).toEqual([...NAMES.filter((one) => one !== name), "more"]);
      const listed = JSON.parse(await callText(home, "query:vdfs.list_entries.v1", `{"entry_type":"${name}"}`));
      expect(listed).toMatchObject([{ id, name, path: name, entry_type: name }]);
    }
    const dump = await callText(home, "query:vdfs.list_entries.v1", "{}");
    expect(dump.split(`"more":${HOSTILE}`)).toHaveLength(NAMES.length + 1);
  });

  it("is an ordinary name of a sidecar", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await makeEntry(home, "note");
    for (const name of NAMES) {
      const missing = await callText(home, "query:vdfs.read_sidecar.v1", `{"entry_id":"${id}","filename":"${name}"}`);
      expect(JSON.parse(missing).code).toBe("NOT_FOUND");
      const data = Buffer.from(name).toString("base64");
      const payload = `{"entry_id":"${id}","filename":"${name}","data":"${data}","__proto__":{"polluted":true}}`;
      expect(await callText(home, "action:vdfs.write_sidecar.input.v1", payload)).toBe(
        `{"bytes_written":${name.length}}`,
      );
      const read = await callText(home, "query:vdfs.read_sidecar.v1", `{"entry_id":"${id}","filename":"${name}"}`);
      expect(JSON.parse(read).data).toBe(data);
    }
  });

  it("is an ordinary name of a library", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    for (const name of NAMES) expect((await home.core.libraries.open(name)).name).toBe(name);
    const names = home.core.libraries.list().map((library) => library.name);
    expect(names).toEqual(expect.arrayContaining([...NAMES, "home"]));
    // One that is inherited was not taken for one that is open.
    expect(names).toHaveLength(NAMES.length + 1);
  });

  it("is no type of a job, whatever objects have", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    for (const name of NAMES) {
      for (const type of [name, `${name}:${name}`, `core.${name}`]) {
        const payload = `{"job_type":"${type}","params":${HOSTILE}}`;
        const { code } = JSON.parse(await callText(home, "action:jobs.dispatch.input.v1", payload));
        expect([type, code]).toEqual([type, expect.stringMatching(/^(NOT_FOUND|INVALID_INPUT|EXTENSION_NOT_LOADED)$/)]);
      }
    }
  });
});

describe("over the socket, a name that every object has", () => {
  it("is no method, and an ordinary id, key and field: each request gets its one answer", async () => {
    await using served = await serveCore();
    await using client = await RawClient.greeted(served.path);
    for (const name of NAMES) {
      for (const method of [name, `host.${name}`, `query:${name}.v1`, `query:${name}:${name}`]) {
        client.socket.write(`{"jsonrpc":"2.0","id":"${name}","method":"${method}","params":${HOSTILE}}\n`);
        expect(await client.next()).toMatchObject({
          id: name,
          error: { data: { code: expect.stringMatching(/^(NOT_FOUND|INVALID_INPUT)$/) } },
        });
      }
      client.socket.write(
        `{"${name}":{"polluted":true},"jsonrpc":"2.0","id":"${name}","method":"query:test.ping.v1","params":{"__proto__":{"polluted":true},"library":"${served.library}","input":{"message":"${name}","__proto__":{"count":7}}}}\n`,
      );
      expect(await client.next()).toMatchObject({ id: name, result: { echo: `Pong: ${name}`, count: 1 } });
      client.socket.write(`{"jsonrpc":"2.0","method":"host.cancel","params":{"id":"${name}","__proto__":{"id":1}}}\n`);
    }
    client.socket.write(`{"__proto__":{"jsonrpc":"2.0","id":1,"method":"host.hello"}}\n`);
    expect(await client.next()).toMatchObject({ id: null, error: { data: { code: "INVALID_INPUT" } } });
  });
});
