import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLibraryId, defineAction, defineQuery, localUser } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openCore, ping } from "../src/index.js";
import { expectCode } from "./expect-code.js";
import { tempFolder } from "./temp-folder.js";
import { grantAll, openTestLibrary } from "./test-library.js";

describe("openCore", () => {
  it("answers test.ping", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    expect(await home.call("query:test.ping.v1", { message: "hello" })).toEqual({
      echo: "Pong: hello",
      count: 1,
      extension_works: true,
    });
    expect((await home.call(ping, { message: "", count: 7 })).count).toBe(7);
  });

  it("needs a library that is open", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const call = (library: string | null): Promise<unknown> =>
      home.core.wire.call("query:test.ping.v1", { message: "" }, { caller: localUser, library: library as never });
    await expectCode(call(null), "LIBRARY_REQUIRED");
    await expectCode(call(createLibraryId()), "LIBRARY_NOT_FOUND");
    await home.core.libraries.close(home.library.id);
    await expectCode(call(home.library.id), "LIBRARY_NOT_FOUND");
  });

  it("serves the integrator's own operations beside its own", async () => {
    await using dir = await tempFolder();
    const sum = defineQuery({
      name: "math.sum",
      scope: "host",
      input: z.object({ of: z.array(z.number()) }),
      output: z.object({ sum: z.number() }),
      run: (_ctx, input) => ({ sum: input.of.reduce((a, b) => a + b, 0) }),
    });
    await using home = await openTestLibrary(dir.path, { operations: [sum] });
    expect(await home.call(sum, { of: [1, 2, 3] })).toEqual({ sum: 6 });
    const methods = home.core.wire.operations().map((operation) => operation.name);
    expect(methods).toEqual(expect.arrayContaining(["test.ping", "vdfs.read_file", "jobs.dispatch", "math.sum"]));
  });

  it("refuses an operation whose name is taken, and lets go of the directory", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    const twin = { ...ping, handler: { run: () => ({ echo: "", count: 0, extension_works: false }) } };
    await expectCode(openCore({ dataDir, operations: [twin] }), "CONFLICT");
    await (await openCore({ dataDir })).close();
  });

  it("commits actions of scope host in host.db", async () => {
    await using dir = await tempFolder();
    const count = defineAction({
      name: "counter.raise",
      scope: "host",
      input: z.object({}),
      output: z.object({ count: z.number() }),
      prepare: () => null,
      commit: (tx) => {
        tx.run("CREATE TABLE IF NOT EXISTS counter (n INTEGER)");
        tx.run("INSERT INTO counter VALUES (1)");
        return { count: Number(tx.get("SELECT count(*) AS n FROM counter")?.n) };
      },
    });
    for (const expected of [1, 2]) {
      await using home = await openTestLibrary(dir.path, { operations: [count] });
      expect(await home.call(count, {})).toEqual({ count: expected });
    }
  });

  it("denies an extension that nobody granted anything", async () => {
    await using dir = await tempFolder();
    await using home = await openTestLibrary(dir.path);
    const caller = { kind: "extension", extension: "stranger" } as const;
    for (const operation of home.core.wire.operations()) {
      await expectCode(home.core.wire.call(operation, {}, { caller, library: home.library.id }), "PERMISSION_DENIED");
    }
    grantAll(home.core, "stranger");
    await home.call(ping, { message: "" }, caller);
  });

  it("opens every library that is there, unless it is told not to", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    {
      await using core = await openCore({ dataDir });
      await core.libraries.open("a");
      await core.libraries.open("b");
    }
    {
      await using core = await openCore({ dataDir });
      expect(core.libraries.list().map((library) => library.name)).toEqual(["a", "b"]);
    }
    await using core = await openCore({ dataDir, openLibraries: false });
    expect(core.libraries.list()).toEqual([]);
  });

  it("keeps working on the other libraries when one is damaged", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    {
      await using core = await openCore({ dataDir });
      await core.libraries.open("broken");
      await core.libraries.open("whole");
    }
    await writeFile(join(dataDir, "libraries", "broken", "library.db"), "garbage ".repeat(4096));
    await using core = await openCore({ dataDir });
    const [whole] = core.libraries.list();
    expect(whole?.name).toBe("whole");
    const reply = core.wire.call(ping, { message: "still here" }, { caller: localUser, library: whole?.id ?? null });
    expect((await reply).echo).toBe("Pong: still here");
    const error = await expectCode(core.libraries.open("broken"), "STORE_CORRUPT");
    expect(error.message).toContain('Library "broken"');
  });

  it("says so where host.db is damaged, and lets go of the directory", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    await (await openCore({ dataDir })).close();
    await writeFile(join(dataDir, "host.db"), "garbage ".repeat(4096));
    for (let i = 0; i < 2; i++) {
      const error = await expectCode(openCore({ dataDir }), "STORE_CORRUPT");
      expect(error.message).toContain("host.db");
    }
  });

  it("refuses a second core on its directory until it is closed", async () => {
    await using dir = await tempFolder();
    const dataDir = join(dir.path, "data");
    const core = await openCore({ dataDir });
    const error = await expectCode(openCore({ dataDir }), "DATA_DIR_LOCKED");
    expect(error.details).toEqual({ data_dir: dataDir, pid: process.pid });
    await core.close();
    await (await openCore({ dataDir })).close();
  });

  it("closes once, however often it is asked, and serves nothing afterwards", async () => {
    await using dir = await tempFolder();
    const home = await openTestLibrary(dir.path);
    await Promise.all([home.core.close(), home.core.close()]);
    await home.core.close();
    await home.core[Symbol.asyncDispose]();
    await expectCode(home.call(ping, { message: "" }), "LIBRARY_NOT_FOUND");
    await expectCode(home.core.libraries.open("home"), "CLOSED");
  });
});
