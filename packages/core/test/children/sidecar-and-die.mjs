// Runs a job that makes an entry and writes it a sidecar, and kills itself before or after one of its transactions.
import { openCore } from "@spacedrive/core";
import { defineJob } from "@spacedrive/jobs";
import { z } from "zod";

const [dataDir, which = "0", moment] = process.argv.slice(2);
const core = await openCore({ dataDir, openLibraries: false });
const transaction = core.libraries.transaction.bind(core.libraries);
let count = 0;
core.libraries.transaction = async (id, work) => {
  const isTime = ++count === Number(which);
  if (isTime && moment === "before") process.kill(process.pid, "SIGKILL");
  const value = await transaction(id, work);
  if (isTime && moment === "after") process.kill(process.pid, "SIGKILL");
  return value;
};
core.jobs.register(
  defineJob({
    type: "test.notes",
    state: z.object({}),
    async run(ctx) {
      const entry = { name: "Note", path: "notes", entry_type: "note" };
      const { id } = await ctx.call("action:vdfs.create_entry", entry);
      const data = Buffer.from("content").toString("base64");
      await ctx.call("action:vdfs.write_sidecar", { entry_id: id, filename: "a.txt", data });
      await ctx.call("action:vdfs.write_sidecar", { entry_id: id, filename: "b.txt", data });
    },
  }),
);
const library = await core.libraries.open("home");
process.send("ready");
const [known] = await core.jobs.list({ type: "test.notes" });
const job =
  known === undefined
    ? await core.jobs.dispatch("test.notes", {}, { library: library.id })
    : await core.jobs.get(known.id);
await job.done();
await core.close();
process.disconnect();
