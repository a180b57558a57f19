import { cp, mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SqliteDatabase } from "@spacedrive/jobs";
import { parseLibraryId, silentLogger, systemClock } from "@spacedrive/wire";
import { describe, expect, it } from "vitest";
import { expectCode } from "../../test/expect-code.js";
import { tempFolder } from "../../test/temp-folder.js";
import type { Library } from "./library.js";
import { LibraryManager } from "./library-manager.js";

interface TestManager extends AsyncDisposable {
  readonly libraries: LibraryManager;
}

function openManager(dir: string, prepare?: (library: Library) => Promise<() => Promise<void>>): TestManager {
  const hostDatabase = SqliteDatabase.open(join(dir, "host.db"));
  const libraries = new LibraryManager({
    folder: join(dir, "libraries"),
    hostDatabase,
    store: {},
    logger: silentLogger,
    clock: systemClock,
    prepare: prepare ?? (async () => async () => {}),
  });
  return {
    libraries,
    [Symbol.asyncDispose]: async () => {
      await libraries.closeAll();
      await hostDatabase.close();
    },
  };
}

async function makeLibraries(dir: string, names: readonly string[]): Promise<Library[]> {
  await using manager = openManager(dir);
  return await Promise.all(names.map((name) => manager.libraries.open(name)));
}

describe("LibraryManager", () => {
  it("makes a folder with library.db and sidecars, and answers the same library when opened again", async () => {
    await using dir = await tempFolder();
    await using manager = openManager(dir.path);
    const library = await manager.libraries.open("home");
    expect(await readdir(library.folder)).toEqual(expect.arrayContaining(["library.db", "sidecars"]));
    expect(library.folder).toBe(join(dir.path, "libraries", "home"));
    expect(await manager.libraries.open("home")).toBe(library);
    expect(manager.libraries.get(library.id)).toBe(library);
    expect(manager.libraries.list()).toEqual([library]);
  });

  it("makes one library of two openings at once", async () => {
    await using dir = await tempFolder();
    await using manager = openManager(dir.path);
    const [a, b] = await Promise.all([manager.libraries.open("home"), manager.libraries.open("home")]);
    expect(a).toBe(b);
  });

  it("keeps the id in the database: it outlives a rename of the folder", async () => {
    await using dir = await tempFolder();
    const [made] = await makeLibraries(dir.path, ["home"]);
    await rename(join(dir.path, "libraries", "home"), join(dir.path, "libraries", "house"));
    await using manager = openManager(dir.path);
    await manager.libraries.openAll();
    const [library] = manager.libraries.list();
    expect(library).toMatchObject({ id: made?.id, name: "house" });
    expect(library?.database.read((tx) => tx.get("SELECT name FROM library")?.name)).toBe("house");
  });

  it("opens one of a library and its copy where both are opened at once", async () => {
    await using dir = await tempFolder();
    await makeLibraries(dir.path, ["home"]);
    for (const copy of ["copy", "other"])
      await cp(join(dir.path, "libraries", "home"), join(dir.path, "libraries", copy), { recursive: true });
    await using manager = openManager(dir.path);
    const opened = await Promise.allSettled([manager.libraries.open("copy"), manager.libraries.open("other")]);
    expect(opened.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(opened.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "CONFLICT" } });
    expect(manager.libraries.list()).toHaveLength(1);
  });

  it("refuses a copy of an open library, and leaves it as it was", async () => {
    await using dir = await tempFolder();
    const [made] = await makeLibraries(dir.path, ["home"]);
    await cp(join(dir.path, "libraries", "home"), join(dir.path, "libraries", "copy"), { recursive: true });
    await using manager = openManager(dir.path);
    const home = await manager.libraries.open("home");
    const error = await expectCode(manager.libraries.open("copy"), "CONFLICT");
    expect(error.message).toContain('"home"');
    expect(manager.libraries.get(parseLibraryId(made?.id))).toBe(home);
  });

  it("opens at start all that is there, but for what is damaged, which it names", async () => {
    await using dir = await tempFolder();
    await makeLibraries(dir.path, ["a", "b", "c"]);
    await writeFile(join(dir.path, "libraries", "b", "library.db"), "this is no database".repeat(1000));
    await mkdir(join(dir.path, "libraries", "no-library"));
    await using manager = openManager(dir.path);
    await manager.libraries.openAll();
    expect(manager.libraries.list().map((library) => library.name)).toEqual(["a", "c"]);
    expect(manager.libraries.unopened()).toMatchObject([{ name: "b", error: { code: "STORE_CORRUPT" } }]);

    const error = await expectCode(manager.libraries.open("b"), "STORE_CORRUPT");
    expect(error.message).toContain('Library "b"');
  });

  it("does not fill a library whose database has lost its content", async () => {
    await using dir = await tempFolder();
    await makeLibraries(dir.path, ["home"]);
    await writeFile(join(dir.path, "libraries", "home", "library.db"), "");
    await using manager = openManager(dir.path);
    await manager.libraries.openAll();
    expect(manager.libraries.unopened()).toMatchObject([{ name: "home", error: { code: "STORE_CORRUPT" } }]);
  });

  it("refuses the database of another program", async () => {
    await using dir = await tempFolder();
    await mkdir(join(dir.path, "libraries", "home"), { recursive: true });
    const other = new DatabaseSync(join(dir.path, "libraries", "home", "library.db"));
    other.exec("CREATE TABLE library (id TEXT, name TEXT); INSERT INTO library VALUES ('not an id', 'x')");
    other.close();
    await using manager = openManager(dir.path);
    await expectCode(manager.libraries.open("home"), "STORE_CORRUPT");
  });

  it("opens once its database is no longer locked", async () => {
    await using dir = await tempFolder();
    await makeLibraries(dir.path, ["home"]);
    const file = join(dir.path, "libraries", "home", "library.db");
    const other = new DatabaseSync(file);
    other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    await using manager = openManager(dir.path);
    const error = await expectCode(manager.libraries.open("home"), "STORE_LOCKED");
    expect(error.message).toContain('Library "home"');
    expect(error.retryable).toBe(true);
    other.close();
    await manager.libraries.open("home");
  });

  it("closes one, twice without harm, and opens it again", async () => {
    await using dir = await tempFolder();
    await using manager = openManager(dir.path);
    const library = await manager.libraries.open("home");
    await Promise.all([manager.libraries.close(library.id), manager.libraries.close(library.id)]);
    expect(manager.libraries.has(library.id)).toBe(false);
    await expectCode(
      manager.libraries.transaction(library.id, () => {}),
      "LIBRARY_NOT_FOUND",
    );
    const again = await manager.libraries.open("home");
    expect(again).not.toBe(library);
    expect(again.id).toBe(library.id);
  });

  it("does not leave a library open that could not be readied", async () => {
    await using dir = await tempFolder();
    let broken = true;
    await using manager = openManager(dir.path, async () => {
      if (broken) throw new Error("not ready");
      return async () => {};
    });
    await expect(manager.libraries.open("home")).rejects.toThrow("not ready");
    expect(manager.libraries.list()).toEqual([]);
    broken = false;
    await manager.libraries.open("home");
  });

  it("opens none once it is closed", async () => {
    await using dir = await tempFolder();
    const manager = openManager(dir.path);
    const opening = Promise.allSettled([manager.libraries.open("home")]);
    await manager[Symbol.asyncDispose]();
    await opening;
    expect(manager.libraries.list()).toEqual([]);
    await expectCode(manager.libraries.open("home"), "CLOSED");
  });

  it("runs transactions of no library on the host's database", async () => {
    await using dir = await tempFolder();
    await using manager = openManager(dir.path);
    const row = await manager.libraries.transaction(null, (tx) => tx.get("PRAGMA database_list"));
    expect(row?.file).toBe(join(dir.path, "host.db"));
  });
});
