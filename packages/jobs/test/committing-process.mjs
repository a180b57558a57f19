// Commits until it is killed: each of some writers counts on from what it finds, and a line says what was confirmed. With a
// third argument it kills itself at that one of the moments before and after each operation of its store.
import { writeSync } from "node:fs";
import { SqliteDatabase } from "@spacedrive/jobs";

const [path, writers, moment] = process.argv.slice(2);
let moments = 0;

function pass() {
  if (++moments === Number(moment)) process.kill(process.pid, "SIGKILL");
  return null;
}

// A small limit: many kills fall between the steps of a checkpoint.
const database = SqliteDatabase.open(path, { walLimitBytes: 64 * 1024, faults: { before: pass, after: pass } });
database.migrate("counts", [
  {
    name: "create log",
    sql: "CREATE TABLE log (writer INTEGER, count INTEGER, filling BLOB, PRIMARY KEY (writer, count))",
  },
]);

async function write(writer) {
  const found = database.read((tx) => tx.get("SELECT max(count) AS last FROM log WHERE writer = ?", writer));
  for (let count = Number(found.last ?? 0) + 1; ; count++) {
    await database.transaction((tx) => tx.run("INSERT INTO log VALUES (?, ?, zeroblob(2000))", writer, count));
    writeSync(1, `${writer} ${count};\n`);
  }
}

await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)));
