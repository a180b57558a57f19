import type { GuestBench, GuestCheck } from "../guest-check.js";
import { GuestProblem } from "../guest-problem.js";
import { JOB_CHECKS } from "../job-checks.js";
import { CALL_CHECKS, OPERATION_CHECKS, START_CHECKS } from "../operation-checks.js";
import type { Fields } from "./strict-records.js";
import { wasiProblem } from "./wasi-problem.js";
import type { WasiManners, WasiStrictGuest } from "./wasi-strict-guest.js";

/** Starts instances with manners of their own. */
export interface WasiBench extends GuestBench<WasiStrictGuest> {
  start(manners?: WasiManners): WasiStrictGuest;
}

export interface WasiGuestCheck extends Omit<GuestCheck, "run"> {
  readonly run: (bench: WasiBench) => void;
}

/** Of the checks that every SDK passes, those that say something else here: what is promised, and where. */
const OTHERWISE: Readonly<Record<string, readonly [promise: string, sections: readonly string[]]>> = {
  "start/registers": ["In start the guest registers what the test extension offers.", ["5"]],
  "start/every-instance-alike": ["Every instance registers the same things in start.", ["5"]],
  "start/queries-only": ["In start no action is called: there may be no library, and every instance does it.", ["5"]],
  "operations/echo": ["The command handle is answered with JSON.", ["4"]],
  "operations/any-text": ["Text of any script comes back as it was.", ["2"]],
  "operations/every-length": ["Inputs and answers of every length come back whole.", ["2", "1"]],
  "operations/wide-text": ["Long text that is not ASCII comes back whole.", ["2", "1"]],
  "operations/one-after-the-other": ["An instance does many commands, one after the other.", ["3"]],
  "operations/add": ["Numbers are read and written.", ["4"]],
  "operations/add-64-bit": ["64-bit integers beyond 2^53 - 1 are accepted as strings, and travel as strings.", ["4"]],
  "operations/fail": ["A failure is answered with the envelope of an error.", ["4"]],
  "operations/context": [
    "An operation knows its library and its caller, and ignores fields that it does not know.",
    ["4"],
  ],
  "calls/relay": ["A guest calls an operation by method and payload, and reads the reply.", ["5", "3"]],
  "calls/library": ["A call names the library of its context, or none.", ["5"]],
  "calls/large-answer": ["A guest reads a reply of many times 64 KiB.", ["1"]],
  "calls/error-handled": ["A guest tells an error from an output, reads its code, and lives on.", ["6"]],
  "calls/unknown-code": ["A code that the guest does not know is an error like any other.", ["6"]],
  "calls/error-passed-on": [
    "An operation that cannot go on without an answer fails with the code that it was answered.",
    ["4"],
  ],
  "calls/action": ["An action of the guest calls an action of the host.", ["5"]],
  "jobs/completes": ["A job begins with its parameters, is answered with 0, and gives its result.", ["4", "5"]],
  "jobs/reports": ["A job reports progress from 0 to 1, and counts items and bytes.", ["5"]],
  "jobs/warns": ["A job adds a warning.", ["5"]],
  "jobs/checkpoints": ["A job checkpoints JSON, after every tenth step.", ["5"]],
  "jobs/pauses": [
    "A job that sees an interrupt checkpoints what it wants to keep, and answers 1 (or 2 once it has).",
    ["4"],
  ],
  "jobs/resumes": ["A job goes on in a fresh instance from the state that it kept.", ["4"]],
  "jobs/cancels": ["A job that is to be cancelled ends as interrupted.", ["4", "3"]],
  "jobs/fails": ["A job that fails answers 2, with its reason.", ["5", "4"]],
  "jobs/refused-checkpoint": [
    "A job whose checkpoint is refused sees it, and does not say that it has completed.",
    ["5"],
  ],
  "jobs/one-instance-many-jobs": ["An instance does many jobs, one after the other.", ["3"]],
};

const SHARED: readonly WasiGuestCheck[] = [...START_CHECKS, ...OPERATION_CHECKS, ...CALL_CHECKS, ...JOB_CHECKS].map(
  (check) => {
    const [promise, sections] = OTHERWISE[check.id] ?? [check.promise, check.sections];
    return { id: check.id, promise, sections, run: (bench) => citing(sections[0] ?? "", () => check.run(bench)) };
  },
);

const OWN: readonly WasiGuestCheck[] = [
  {
    id: "records/read-in-parts",
    promise: "A guest reads records that come a byte at a time.",
    sections: ["1"],
    run: (bench) => playAll(bench.start({ maxRead: 1 })),
  },
  {
    id: "records/written-in-parts",
    promise: "A guest writes on where fd_write takes less than it was given.",
    sections: ["1"],
    run: (bench) => playAll(bench.start({ maxWrite: 3 })),
  },
  {
    id: "records/ids-that-are-strings",
    promise: "A guest answers a command by its id, which may be a string.",
    sections: ["2"],
    run: (bench) => playAll(bench.start({ commandId: (count) => `command ${count} {[,:]} #` })),
  },
  {
    id: "records/ids-of-any-number",
    promise: "A guest answers a command by its id, which may be any whole number.",
    sections: ["2"],
    run: (bench) =>
      playAll(bench.start({ commandId: (count) => (count % 2 === 0 ? 0 - count : 9_007_199_254_740_991 - count) })),
  },
  {
    id: "records/unknown-fields",
    promise: "A guest ignores fields that it does not know, wherever they stand and whatever they hold.",
    sections: ["2"],
    run: (bench) => playAll(bench.start({ dress: withMore })),
  },
  {
    id: "commands/unknown-export",
    promise: "A guest answers an export that it does not know with the error -32601, and lives on.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const texts = { context: "{}", input: "{}", state: "" };
      for (const method of ["handle", "job", "call"]) {
        const answer = guest.command(method, { export: "no such export", ...texts });
        if (!("error" in answer) || answer.error["code"] !== -32601) {
          throw wasiProblem("4", `It answered ${method} of an unknown export with ${JSON.stringify(answer)}.`);
        }
      }
      playAll(guest);
    },
  },
  {
    id: "commands/end-of-input",
    promise: "A guest whose standard input ends is not needed any more: it ends by itself, and only logs.",
    sections: ["3"],
    run: (bench) => {
      const guest = bench.start();
      playAll(guest);
      guest.end();
    },
  },
  {
    id: "commands/two-instances",
    promise: "Two instances of a guest know nothing of each other.",
    sections: ["3"],
    run: (bench) => {
      const [first, second] = [bench.start(), bench.start()];
      playAll(first);
      playAll(second);
      playAll(first);
    },
  },
];

/** Every check of a guest of the protocol, in the order in which they are made. */
export const WASI_GUEST_CHECKS: readonly WasiGuestCheck[] = [...SHARED, ...OWN];

/** A bit of everything: an operation, a call of the host, and a job. */
function playAll(guest: WasiStrictGuest): void {
  guest.script.call = ({ payload }) => JSON.stringify(payload);
  for (const text of ["", 'a "quoted" € 🦑 text', "x".repeat(3000)]) {
    needText(guest.handle("echo.v1", { text }), "echo.v1", text);
    needText(guest.handle("relay.v1", { text }), "relay.v1", text);
  }
  const code = guest.runJob("count", { target: 12 });
  if (code !== 0) throw wasiProblem("4", `The job "count" answered ${code}, and should have completed.`);
}

function needText(answer: unknown, name: string, text: string): void {
  const got = typeof answer === "object" && answer !== null && "text" in answer ? answer.text : answer;
  if (got !== text) {
    throw wasiProblem(
      "2",
      `${name} should answer the text ${JSON.stringify(text).slice(0, 80)}, and answered ${JSON.stringify(answer)?.slice(0, 160)}.`,
    );
  }
}

/** The message, with fields of a later version before, within and after it. */
function withMore(message: Fields): Fields {
  const { params, ...rest } = message;
  const more = { id: 77, method: "start", result: "no", params: { export: "no", input: "no" } };
  const named =
    typeof params === "object" && params !== null ? { params: { trace: more, ...params, since: null } } : {};
  return { trace: more, list: [{ id: 78 }, "}", '"'], ...rest, ...named, later: { id: [79], interrupt: 2 } };
}

/** A problem of the ABI's page is one of ours where the check is shared. */
function citing(section: string, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    throw thrown instanceof GuestProblem && thrown.message.includes("docs/abi.md")
      ? wasiProblem(section, thrown.what)
      : thrown;
  }
}
