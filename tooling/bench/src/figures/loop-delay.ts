import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addLocation } from "@spacedrive/core";
import { localUser, parseJobId } from "@spacedrive/runtime";
import type { Contender, Figure } from "../figure.ts";
import { openCheckpointingJobs } from "../host/checkpointing-jobs.ts";
import { delaysDuring, idleLoop } from "../loop-delays.ts";

const JOBS = 8;
const FILES = 5_000;
const FILES_PER_FOLDER = 100;
const CHECKPOINTS = 2_000;

const subject: Contender = {
  name: `delays of the loop while ${JOBS} jobs checkpoint and ${FILES} files are indexed`,
  async open(run) {
    const jobs = await openCheckpointingJobs();
    let rounds = 0;
    return {
      async round() {
        const folder = join(jobs.folder, `files-${++rounds}`);
        await makeFiles(folder, run.scaled(FILES));
        return delaysDuring(async () => {
          const saving = Array.from({ length: JOBS }, () => jobs.run(run.scaled(CHECKPOINTS)));
          const options = { caller: localUser, library: jobs.library };
          const { job_id } = await jobs.core.wire.call(addLocation, { path: folder }, options);
          const index = await jobs.core.jobs.get(parseJobId(job_id));
          await Promise.all([...saving, index.done()]);
        });
      },
      [Symbol.asyncDispose]: () => jobs[Symbol.asyncDispose](),
    };
  },
};

async function makeFiles(folder: string, count: number): Promise<void> {
  for (let file = 0; file < count; file++) {
    const inside = join(folder, `folder-${Math.floor(file / FILES_PER_FOLDER)}`);
    if (file % FILES_PER_FOLDER === 0) await mkdir(inside, { recursive: true });
    await writeFile(join(inside, `file-${file}.txt`), "text");
  }
}

export const figures: readonly Figure[] = [
  {
    name: "loop-delay",
    title: "delay of the loop under checkpoints and an index",
    unit: "ms",
    better: "lower",
    targets: [{ kind: "p99-at-most", value: 20 }],
    rounds: 5,
    subject,
    floor: idleLoop,
  },
];
