import { createEntry, updateMetadata } from "@spacedrive/core";
import { defineJob, localUser } from "@spacedrive/runtime";
import { z } from "zod";
import type { Contender, Figure } from "../figure.ts";
import { type NativeHost, openNativeHost } from "../host/native-host.ts";
import { runNativeJob } from "../host/run-job.ts";

const CALLS = 300;

/** Calls `vdfs.update_metadata` so often, one after another, each with something else to write. In microseconds. */
async function timeActions(
  times: number,
  act: (metadata: { readonly note: string }) => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < times; index++) {
    // What stays as it is is not written.
    const metadata = { note: `${performance.now()} `.padEnd(200, "a") };
    const from = performance.now();
    await act(metadata);
    samples.push((performance.now() - from) * 1000);
  }
  return samples;
}

async function openEntry(host: NativeHost): Promise<string> {
  const options = { caller: localUser, library: host.library };
  return (await host.core.wire.call(createEntry, { name: "note", path: "note", entry_type: "note" }, options)).id;
}

const subject: Contender = {
  name: "vdfs.update_metadata, called by a native job: recorded in its journal, both durable when it answers",
  async open(run) {
    const times = run.scaled(CALLS);
    let samples: number[] = [];
    const call = defineJob({
      type: "bench.call",
      state: z.object({ entry: z.guid() }),
      async run(ctx, { entry }) {
        samples = await timeActions(times, (metadata) => ctx.call(updateMetadata, { entry_id: entry, metadata }));
      },
    });
    const host = await openNativeHost([call]);
    const entry = await openEntry(host);
    return {
      async round() {
        await runNativeJob(host, call, { entry });
        return samples;
      },
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

const floor: Contender = {
  name: "the same action, called by the host for its user: nobody records it, durable when it answers",
  async open(run) {
    const times = run.scaled(CALLS);
    const host = await openNativeHost([]);
    const entry = await openEntry(host);
    const { wire } = host.core;
    const options = { caller: localUser, library: host.library };
    return {
      round: () => timeActions(times, (metadata) => wire.call(updateMetadata, { entry_id: entry, metadata }, options)),
      [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
    };
  },
};

export const figures: readonly Figure[] = [
  {
    name: "action-record",
    title: "an action of a job, with its journal record",
    unit: "µs",
    better: "lower",
    targets: [{ kind: "floors-at-most", ratio: 1.5 }],
    rounds: 10,
    subject,
    floor,
  },
];
