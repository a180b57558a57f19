import { createEntryId } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { createEntry, getEntry, listEntries, MAX_METADATA_BYTES, updateMetadata } from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { tempFolder } from "./temp-folder.js";
import { openTestLibrary, type TestLibrary } from "./test-library.js";

const receipt = { name: "Receipt", path: "receipts/2024", entry_type: "FinancialDocument" };

async function create(home: TestLibrary, metadata: object): Promise<string> {
  return (await home.call(createEntry, { ...receipt, metadata: { ...metadata } })).id;
}

describe("entries that an extension makes", () => {
  it("are answered whole, and found again after a restart", async () => {
    await using dir = await tempFolder();
    let made: unknown;
    let id = "";
    {
      await using home = await openTestLibrary(dir.path);
      const entry = await home.call(createEntry, { ...receipt, metadata: { vendor: "Café" } });
      expect(entry).toMatchObject({ ...receipt, metadata: { vendor: "Café" }, location_id: null, size: 0 });
      made = entry;
      id = entry.id;
    }
    await using home = await openTestLibrary(dir.path);
    expect(await home.call(getEntry, { entry_id: id })).toEqual(made);
    expect(await home.call("query:vdfs.list_entries.v1", {})).toEqual([made]);
  });

  it("may share a path, and are listed in pages that lose none", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    for (let i = 0; i < 7; i++) await create(home, { i });
    const seen: string[] = [];
    let page = await home.call(listEntries, { location_id: null, limit: 3 });
    while (page.length > 0) {
      seen.push(...page.map((entry) => entry.id));
      const last = page.at(-1);
      page = await home.call(listEntries, { location_id: null, limit: 3, after: last?.path, after_id: last?.id });
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  it("can be listed by type and by what they lie below", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    await create(home, {});
    await home.call(createEntry, { name: "Note", path: "receipts", entry_type: "note" });
    const names = async (filter: object): Promise<string[]> =>
      (await home.call(listEntries, filter)).map((entry) => entry.name);
    expect(await names({ entry_type: "note" })).toEqual(["Note"]);
    expect(await names({ under: "receipts" })).toEqual(["Receipt"]);
    expect(await names({ under: "receipts/" })).toEqual(["Receipt"]);
    expect(await names({ under: "" })).toEqual(["Note", "Receipt"]);
    expect(await names({ under: "receipts/2024" })).toEqual([]);
  });

  it("refuse a path with a step out", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    await expectCode(home.call(createEntry, { ...receipt, path: "a/../../b" }), "PATH_DENIED");
    await expectCode(home.call(createEntry, { ...receipt, path: "a\\..\\b" }), "PATH_DENIED");
  });

  it("are named when they are not there", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = createEntryId();
    const error = await expectCode(home.call(getEntry, { entry_id: id }), "NOT_FOUND");
    expect(error.message).toContain(id);
    await expectCode(home.call(updateMetadata, { entry_id: id, metadata: {} }), "NOT_FOUND");
    await expectCode(home.call(listEntries, { location_id: id }), "NOT_FOUND");
    await expectCode(home.call(getEntry, { entry_id: "x" }), "INVALID_INPUT");
  });
});

describe("metadata", () => {
  it("is merged at the top, and a null removes its key", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await create(home, { keep: 1, change: { a: 1, b: 2 }, drop: true });
    const updated = await home.call(updateMetadata, {
      entry_id: id,
      metadata: { change: { a: 9 }, drop: null, add: [] },
    });
    expect(updated.metadata).toEqual({ keep: 1, change: { a: 9 }, add: [] });
    expect(await home.call(getEntry, { entry_id: id })).toEqual(updated);
  });

  it("keeps hostile keys as data and touches no prototype", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const id = await create(home, {});
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":1},"toString":"x"}';
    const payload = `{"entry_id":"${id}","metadata":${hostile}}`;
    const options = { caller: { kind: "user" }, library: home.library.id } as const;
    const reply = await home.core.wire.callJson("action:vdfs.update_metadata.input.v1", payload, options);
    expect(reply).toContain(hostile);
    expect(await home.core.wire.callJson("query:vdfs.get_entry.v1", `{"entry_id":"${id}"}`, options)).toContain(
      hostile,
    );
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
    expect({}).not.toHaveProperty("polluted");
  });

  it.each([[[1]], ["text"], [null], [{ a: Number.NaN }], [{ a: undefined }], [{ a: 1n }], [{ a: new Date() }]])(
    "refuses what is no JSON object (%#)",
    async (metadata: unknown) => {
      await using dir = await tempFolder();
      await using home = await openTestLibrary(dir.path);
      await expectCode(home.call("action:vdfs.create_entry", { ...receipt, metadata }), "INVALID_INPUT");
    },
  );

  it("takes 64 levels and refuses 65, also where it is a circle", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
    await home.call(createEntry, { ...receipt, metadata: { ...nested(64) } });
    await expectCode(home.call(createEntry, { ...receipt, metadata: { ...nested(65) } }), "INVALID_INPUT");
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    await expectCode(home.call(createEntry, { ...receipt, metadata: circle }), "INVALID_INPUT");
  });

  it("takes its limit of bytes, and refuses one more, together with what was there", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const text = "x".repeat(MAX_METADATA_BYTES - '{"a":""}'.length);
    const id = await create(home, { a: text });
    await expectCode(create(home, { a: `${text}x` }), "PAYLOAD_TOO_LARGE");
    await expectCode(home.call(updateMetadata, { entry_id: id, metadata: { b: 1 } }), "PAYLOAD_TOO_LARGE");
    expect(await home.call(getEntry, { entry_id: id })).toMatchObject({ metadata: { a: text } });
  });
});
