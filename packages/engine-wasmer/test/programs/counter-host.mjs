// A host of the counter in the folder given. It says on standard output how the job goes, and takes "pause" and "resume" on
// standard input. Started again on the same folder it goes on with what it finds.
import path from "node:path";
import { createInterface } from "node:readline";
import { createWasiEngine } from "@spacedrive/engine-wasmer";
import {
  createWire,
  defineAction,
  grantWhatManifestAsks,
  JobManager,
  PluginManager,
  SqliteDatabase,
  SqliteJobStore,
} from "@spacedrive/runtime";
import { z } from "zod";

const [, , root, target, transport] = process.argv;
const library = "7a0f5f2e-6c56-4c0e-9a43-0d6f0c6a1b11";
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const database = SqliteDatabase.open(path.join(root, "library.db"));
database.migrate("test", [{ name: "create lines", sql: "CREATE TABLE lines (line TEXT NOT NULL) STRICT" }]);
const append = defineAction({
  name: "test.append",
  scope: "library",
  input: z.object({ message: z.string() }),
  output: z.object({ row: z.int() }),
  prepare: (_ctx, { message }) => message,
  commit(tx, message) {
    tx.run("INSERT INTO lines VALUES (?)", message);
    return { row: Number(tx.get("SELECT count(*) AS rows FROM lines").rows) };
  },
});
const wire = createWire([append], {
  libraries: { has: (id) => id === library, transaction: (_id, work) => database.transaction(work) },
});
const jobs = new JobManager({ wire });
await jobs.attach(library, new SqliteJobStore(database, library));
const engine = createWasiEngine({ transport });
const plugins = new PluginManager({
  dir: root,
  wire,
  jobs,
  grants: grantWhatManifestAsks(),
  engines: { wasi: engine },
});
await plugins.load("counter");

const [known] = await jobs.list();
const job =
  known === undefined
    ? await jobs.dispatch("counter:counter", { current: 0, target: Number(target) }, { library })
    : await jobs.get(known.id);
// Updates end when a job is paused, and begin again with its next attempt.
const watch = async () => {
  for await (const { message, attempt } of job.updates()) say({ message, attempt });
};
createInterface({ input: process.stdin }).on("line", async (order) => {
  const { status } = await jobs[order](job.id);
  say({ order, status });
  if (order === "resume") void watch();
});
void watch();
const { status, result, warnings, error, metrics } = await job.done();
say({
  status,
  result,
  warnings,
  error,
  items: metrics.items,
  lines: database.read((reader) => reader.all("SELECT line FROM lines").map(({ line }) => line)),
});
await plugins.close();
await jobs.close();
await engine[Symbol.asyncDispose]();
await database.close();
process.stdin.destroy();
