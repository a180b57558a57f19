import { z } from "zod";
import { defineJob } from "../../src/index.js";
import { APPEND, APPEND_HOST, OUTER, READ, SEND } from "../journal-host.js";

/** How many rounds the job makes. */
export const ROUNDS = 3;

const readReply = z.object({ value: z.string() });

/**
 * Leaves lines of every kind, each with what it read just before: if a repeated read were answered anew, the line after it
 * would be another, and be left a second time.
 */
export const linesJob = defineJob({
  type: "test.lines",
  state: z.object({ round: z.int() }),
  async run(ctx, state) {
    for (; state.round < ROUNDS; state.round++) {
      const { round } = state;
      const { value } = readReply.parse(await ctx.call(READ, { what: `${round}` }));
      await ctx.call(APPEND, { text: `${round} line ${value}` });
      await ctx.call(OUTER, { lines: [`${round} inner a ${value}`, `${round} inner b ${value}`] });
      await ctx.call("action:test.not_there", {}).catch(() => {});
      await ctx.call(APPEND_HOST, { text: `${round} host ${value}` });
      await ctx.call(SEND, { text: `${round}` });
      await ctx.call("action:jobs.dispatch", { job_type: "test.child", params: { round, value } });
      if (round === 1) await ctx.checkpoint({ round: round + 1 });
    }
  },
});

/** The lines that it leaves, without what it read. */
export const EXPECTED_LINES = [
  ...[0, 1, 2].flatMap((round) => [`${round} line`, `${round} inner a`, `${round} inner b`]),
  ...[0, 1, 2].map((round) => `${round} host`),
];
