import { type GuestCheck, need, needEqual } from "./guest-check.js";
import { GuestProblem } from "./guest-problem.js";

/** `current` of a state that the guest has checkpointed. */
function currentOf(state: unknown): unknown {
  if (typeof state !== "object" || state === null || !("current" in state)) {
    throw new GuestProblem(
      "6",
      `A state of "count" should be an object with "current", and is ${JSON.stringify(state)}.`,
    );
  }
  return state.current;
}

export const JOB_CHECKS: readonly GuestCheck[] = [
  {
    id: "jobs/completes",
    promise: "A job begins with its parameters, completes with 0, and gives its result.",
    sections: ["6", "3"],
    run: (bench) => {
      const guest = bench.start();
      needEqual("6", "The return of count", guest.runJob("count", { target: 5 }), 0);
      needEqual("3", "The result by job_complete", guest.script.result, { counted: 5 });
    },
  },
  {
    id: "jobs/reports",
    promise: "A job reports progress from 0 to 1, and counts items and bytes.",
    sections: ["3"],
    run: (bench) => {
      const { script, ...rest } = startCount(bench, 4);
      needEqual("6", "The return of count", rest.code, 0);
      needEqual("3", "The last report of progress", script.progress.at(-1), { fraction: 1, message: "4/4" });
      need(
        "3",
        script.progress.some(({ fraction }) => fraction === 0.25),
        "No progress of 0.25 was reported at 1 of 4.",
      );
      needEqual("3", "The items of the job", String(script.items), "4");
      needEqual("3", "The bytes of the job", String(script.bytes), "4096");
    },
  },
  {
    id: "jobs/warns",
    promise: "A job adds a warning.",
    sections: ["3"],
    run: (bench) => {
      const { script } = startCount(bench, 2);
      needEqual("3", "The warnings of the job", script.warnings, ["counting to 2 €"]);
    },
  },
  {
    id: "jobs/checkpoints",
    promise: "A job checkpoints JSON, after every tenth step.",
    sections: ["3", "6"],
    run: (bench) => {
      const { script } = startCount(bench, 25);
      const counts = script.checkpoints.map(currentOf).filter((current) => current !== 25);
      needEqual("6", "The counts that were checkpointed", counts, [10, 20]);
    },
  },
  {
    id: "jobs/pauses",
    promise: "A job that sees an interrupt checkpoints what it wants to keep, and returns 1 (or 2 once it has).",
    sections: ["6"],
    run: (bench) => {
      const guest = bench.start();
      guest.script.interrupt = (asked) => (asked < 13 ? 0 : 1);
      const code = guest.runJob("count", { target: 1000 });
      need("6", code === 1 || code === 2, `The paused job returned ${code}, and 1 or 2 says that it was interrupted.`);
      needEqual("3", "The reason by job_fail", guest.script.reason, null);
      needEqual("6", "The count that was kept", currentOf(guest.script.checkpoints.at(-1)), 13);
    },
  },
  {
    id: "jobs/resumes",
    promise: "A job goes on in a fresh instance from the state that it kept.",
    sections: ["6"],
    run: (bench) => {
      const first = bench.start();
      first.script.interrupt = (asked) => (asked < 7 ? 0 : 1);
      first.runJob("count", { target: 12 });
      const state = first.script.checkpoints.at(-1);
      const second = bench.start();
      needEqual("6", "The return of the resumed job", second.runJob("count", state), 0);
      needEqual("6", "The items that were left to count", String(second.script.items), "5");
      needEqual("3", "Its result", second.script.result, { counted: 12 });
    },
  },
  {
    id: "jobs/cancels",
    promise: "A job that is to be cancelled ends as interrupted.",
    sections: ["3", "6"],
    run: (bench) => {
      const guest = bench.start();
      guest.script.interrupt = () => 2;
      const code = guest.runJob("count", { target: 1000 });
      need(
        "6",
        code === 1 || code === 2,
        `The cancelled job returned ${code}, and 1 or 2 says that it was interrupted.`,
      );
      need(
        "3",
        guest.script.asked < 3,
        `It asked ${guest.script.asked} times, and went on after it was told to cancel.`,
      );
    },
  },
  {
    id: "jobs/fails",
    promise: "A job that fails returns 2, with its reason.",
    sections: ["6", "3"],
    run: (bench) => {
      const guest = bench.start();
      needEqual("6", "The return of a job that fails", guest.runJob("count", { target: 5, fail_at: 3 }), 2);
      need(
        "3",
        guest.script.reason?.includes("asked to fail at 3") === true,
        `The reason by job_fail should say "asked to fail at 3", and is ${JSON.stringify(guest.script.reason)}.`,
      );
    },
  },
  {
    id: "jobs/refused-checkpoint",
    promise: "A job whose checkpoint is refused sees it, and does not say that it has completed.",
    sections: ["3"],
    run: (bench) => {
      const guest = bench.start();
      guest.script.durable = false;
      const code = guest.runJob("count", { target: 25 });
      needEqual("6", "The return of a job whose checkpoint was refused", code, 2);
    },
  },
  {
    id: "jobs/one-instance-many-jobs",
    promise: "A job names the id of its own context each time.",
    sections: ["3", "6"],
    run: (bench) => {
      const guest = bench.start();
      for (let i = 0; i < 20; i++) needEqual("6", "The return of count", guest.runJob("count", { target: 11 }), 0);
    },
  },
];

function startCount(bench: Parameters<GuestCheck["run"]>[0], target: number) {
  const guest = bench.start();
  return { code: guest.runJob("count", { target }), script: guest.script };
}
