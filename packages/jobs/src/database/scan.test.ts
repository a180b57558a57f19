import { setImmediate as loopTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { NotesDatabase } from "../../test/notes-database.js";

const COUNT_TO = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";

test("answers the rows that a read answers, whatever they hold", async () => {
  await using notes = await NotesDatabase.open();
  const values = [1, 0.5, Number.MAX_SAFE_INTEGER, BigInt(Number.MAX_SAFE_INTEGER) + 1n, -(2n ** 63n), null, "text"];
  await notes.database.transaction((tx) => {
    for (const value of [...values, new Uint8Array([1, 2])]) tx.run("INSERT INTO notes (text) VALUES (?)", value);
  });
  const sql = 'SELECT id, text, 1 AS "__proto__", 2 AS "constructor" FROM notes WHERE id < ? ORDER BY id DESC';
  const rows = await notes.database.scan(sql, [100]);
  expect(rows).toHaveLength(8);
  expect(rows).toEqual(notes.database.read((tx) => tx.all(sql, 100)));
  expect(Object.entries(rows[0] ?? {}).slice(2)).toEqual([
    ["__proto__", 1],
    ["constructor", 2],
  ]);
});

test("sees what was committed before it", async () => {
  await using notes = await NotesDatabase.open();
  for (const text of ["a", "b"]) {
    await notes.add(text);
    const rows = await notes.database.scan("SELECT text FROM notes ORDER BY id DESC LIMIT 1");
    expect(rows.map((row) => row.text)).toEqual([text]);
  }
});

test("brings many rows in parts, between which the loop turns", async () => {
  await using notes = await NotesDatabase.open();
  let turns = 0;
  let ended = false;
  const counting = (async () => {
    for (; !ended; turns++) await loopTurn();
  })();
  const rows = await notes.database.scan(COUNT_TO, [20_000]);
  ended = true;
  await counting;
  expect(rows).toHaveLength(20_000);
  expect(rows.at(-1)?.i).toBe(20_000);
  expect(turns).toBeGreaterThanOrEqual(20_000 / 500);
});

test("brings large rows in parts too", async () => {
  await using notes = await NotesDatabase.open();
  await notes.database.transaction((tx) => {
    for (let note = 0; note < 10; note++) tx.run("INSERT INTO notes (text) VALUES (?)", String(note).repeat(200_000));
  });
  const rows = await notes.database.scan("SELECT text FROM notes ORDER BY id");
  expect(rows.map((row) => String(row.text).slice(0, 1))).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
});

test("several at once do not mix", async () => {
  await using notes = await NotesDatabase.open();
  const counts = [3_000, 1, 5_000, 0.5, 700];
  const scans = await Promise.all(counts.map((count) => notes.database.scan(COUNT_TO, [count])));
  expect(scans.map((rows) => rows.length)).toEqual([3_000, 1, 5_000, 1, 700]);
});

test("takes as many rows as it may, and refuses one more", async () => {
  await using notes = await NotesDatabase.open();
  await expect(notes.database.scan(COUNT_TO, [100], { maxRows: 100 })).resolves.toHaveLength(100);
  await expect(notes.database.scan(COUNT_TO, [101], { maxRows: 100 })).rejects.toMatchObject({
    code: "REPLY_TOO_LARGE",
    message: expect.stringContaining("100"),
  });
});

test("may not write, and says what is wrong with a statement, naming the file", async () => {
  await using notes = await NotesDatabase.open();
  const failed = { code: "STORE_FAILED", message: expect.stringContaining(notes.path) };
  await expect(notes.database.scan("INSERT INTO notes (text) VALUES ('x')")).rejects.toMatchObject(failed);
  await expect(notes.database.scan("SELECT nothing FROM notes")).rejects.toMatchObject(failed);
  expect(notes.texts).toEqual([]);
});

test("is refused by a closed database", async () => {
  await using notes = await NotesDatabase.open();
  await notes.database.close();
  await expect(notes.database.scan("SELECT 1")).rejects.toMatchObject({ code: "CLOSED" });
});
