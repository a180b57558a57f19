import { isEnvelope } from "@spacedrive/wire";
import { type GuestCheck, need, needEqual, type PlayedGuest } from "./guest-check.js";
import { fieldsOf } from "./strict-guest.js";
import type { GuestCallOfHost } from "./strict-host-functions.js";

const LIBRARY = "0a0b0c0d-0e0f-4001-8203-0405060708ff";

/** What the test extension registers, in any order. */
const NEEDED = [
  { kind: "query", name: "echo.v1" },
  { kind: "query", name: "add.v1" },
  { kind: "query", name: "fail.v1" },
  { kind: "query", name: "context.v1" },
  { kind: "query", name: "relay.v1" },
  { kind: "query", name: "recover.v1" },
  { kind: "action", name: "store.v1" },
  { kind: "job", name: "count" },
] as const;

function echo(guest: PlayedGuest, text: string): unknown {
  return fieldsOf("echo.v1", guest.handle("echo.v1", { text }))["text"];
}

/** Answers a call with a value; remembers the calls. */
function answerWith(guest: PlayedGuest, answer: (call: GuestCallOfHost) => unknown): readonly GuestCallOfHost[] {
  const calls: GuestCallOfHost[] = [];
  guest.script.call = (call) => {
    calls.push(call);
    return JSON.stringify(answer(call));
  };
  return calls;
}

export const START_CHECKS: readonly GuestCheck[] = [
  {
    id: "start/registers",
    promise: "plugin_init registers what the test extension offers.",
    sections: ["2", "3"],
    run: (bench) => {
      const { registered } = bench.start().script;
      for (const { kind, name } of NEEDED) {
        const found = registered.find((entry) => entry.name === name);
        need("3", found !== undefined, `plugin_init did not register the ${kind} "${name}".`);
        needEqual("3", `The kind of "${name}"`, found?.kind, kind);
      }
      need(
        "3",
        registered.find(({ name }) => name === "count")?.resumable === true,
        'The job "count" is not resumable.',
      );
    },
  },
  {
    id: "start/every-instance-alike",
    promise: "plugin_init registers the same things in every instance.",
    sections: ["2"],
    run: (bench) => {
      needEqual(
        "2",
        "What the second instance registers",
        bench.start().script.registered,
        bench.start().script.registered,
      );
    },
  },
  {
    id: "start/queries-only",
    promise: "plugin_init calls no action: there may be no library, and every instance does it.",
    sections: ["2"],
    run: (bench) => {
      // The strict host refuses actions there, and answers NOT_FOUND to queries.
      bench.start();
    },
  },
];

export const OPERATION_CHECKS: readonly GuestCheck[] = [
  {
    id: "operations/echo",
    promise: "An operation answers a block of JSON.",
    sections: ["7", "4"],
    run: (bench) => needEqual("7", "The text of echo.v1", echo(bench.start(), "hello"), "hello"),
  },
  {
    id: "operations/any-text",
    promise: "Text of any script comes back as it was.",
    sections: ["1"],
    run: (bench) => {
      const guest = bench.start();
      for (const text of [
        "",
        "\u0000",
        "\u001f\u007f",
        'quote " and \\ and /',
        "€",
        "𝒳🦑",
        "混ざった text",
        "\u2028\u2029",
        "\ufffd",
      ]) {
        needEqual("1", `The echo of ${JSON.stringify(text)}`, echo(guest, text), text);
      }
    },
  },
  {
    id: "operations/every-length",
    promise: "Inputs and answers of every length come back whole.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const lengths = Array.from({ length: 130 }, (_, length) => length);
      for (const length of [...lengths, 255, 256, 4095, 4096, 4097, 65_519, 65_536, 100_001, 1_048_576]) {
        const text = "0123456789abcdef~".repeat(Math.ceil(length / 17)).slice(0, length);
        need("4", echo(guest, text) === text, `A text of ${length} bytes did not come back as it was.`);
      }
    },
  },
  {
    id: "operations/wide-text",
    promise: "Lengths are bytes, and not characters: long text that is not ASCII comes back whole.",
    sections: ["1"],
    run: (bench) => {
      const guest = bench.start();
      for (const text of ["é".repeat(5000), "€".repeat(5001), "🦑".repeat(5002)]) {
        need(
          "1",
          echo(guest, text) === text,
          `A text of ${Buffer.byteLength(text)} bytes did not come back as it was.`,
        );
      }
    },
  },
  {
    id: "operations/one-after-the-other",
    promise: "An instance answers many calls.",
    sections: ["7"],
    run: (bench) => {
      const guest = bench.start();
      for (let i = 0; i < 1000; i++) needEqual("7", "The text of echo.v1", echo(guest, `call ${i}`), `call ${i}`);
    },
  },
  {
    id: "operations/add",
    promise: "Numbers are read and written.",
    sections: ["7"],
    run: (bench) => {
      const sum = fieldsOf("add.v1", bench.start().handle("add.v1", { a: 2, b: -5 }))["sum"];
      needEqual("7", "The sum of 2 and -5", sum, -3);
    },
  },
  {
    id: "operations/add-64-bit",
    promise: "64-bit integers beyond 2^53 - 1 are accepted as strings, and travel as strings.",
    sections: ["5"],
    run: (bench) => {
      const guest = bench.start();
      const sum = (a: unknown, b: unknown): unknown => fieldsOf("add.v1", guest.handle("add.v1", { a, b }))["sum"];
      needEqual("5", 'The sum of "9007199254740992" and 1', sum("9007199254740992", 1), "9007199254740993");
      needEqual(
        "5",
        'The sum of "-9223372036854775807" and "-1"',
        sum("-9223372036854775807", "-1"),
        "-9223372036854775808",
      );
      needEqual("5", 'The sum of "9007199254740993" and -2', sum("9007199254740993", -2), 9007199254740991);
    },
  },
  {
    id: "operations/fail",
    promise: "A failure is answered with the envelope of an error.",
    sections: ["5", "7"],
    run: (bench) => {
      const answer = bench.start().handle("fail.v1", { message: "no such thing €" });
      need("5", isEnvelope(answer), `fail.v1 should answer an envelope, and answered ${JSON.stringify(answer)}.`);
      const { error, code, retryable } = fieldsOfAny(answer);
      needEqual("5", "The code of fail.v1", code, "OPERATION_FAILED");
      need("5", String(error).includes("no such thing €"), `The error of fail.v1 lacks its message: ${String(error)}`);
      needEqual("5", "retryable of fail.v1", typeof retryable, "boolean");
    },
  },
  {
    id: "operations/context",
    promise: "An operation knows its library and its caller, and ignores fields that it does not know.",
    sections: ["7", "5"],
    run: (bench) => {
      const guest = bench.start();
      const context = { from_a_later_version: [1, { a: null }], library_id: LIBRARY, caller: 'the "user"' };
      const told = fieldsOf("context.v1", guest.handle("context.v1", {}, context));
      needEqual("7", "What context.v1 says", [told["library_id"], told["caller"]], [LIBRARY, 'the "user"']);
      const none = fieldsOf("context.v1", guest.handle("context.v1", {}));
      needEqual("7", "The library of a call that names none", none["library_id"] ?? null, null);
    },
  },
];

export const CALL_CHECKS: readonly GuestCheck[] = [
  {
    id: "calls/relay",
    promise: "A guest calls an operation by method and payload, and reads the block that it is answered.",
    sections: ["3", "4"],
    run: (bench) => {
      const guest = bench.start();
      const calls = answerWith(guest, ({ payload }) => payload);
      const answer = fieldsOf("relay.v1", guest.handle("relay.v1", { text: "€ 🦑" }));
      needEqual("4", "What relay.v1 answers", answer["text"], "€ 🦑");
      needEqual("3", "The call of relay.v1", calls, [
        { method: "query:kit.echo.v1", library: null, payload: { text: "€ 🦑" } },
      ]);
    },
  },
  {
    id: "calls/library",
    promise: "A call names the library of its context as 16 bytes, or none.",
    sections: ["3", "1"],
    run: (bench) => {
      const guest = bench.start();
      const calls = answerWith(guest, ({ payload }) => payload);
      guest.handle("relay.v1", { text: "" }, { library_id: LIBRARY, caller: "user" });
      const [call] = calls;
      need(
        "1",
        call?.library === LIBRARY || call?.library === null,
        `The call named the library ${call?.library}, and ${LIBRARY} was meant.`,
      );
    },
  },
  {
    id: "calls/large-answer",
    promise: "A guest takes an answer for which its memory has to grow.",
    sections: ["4"],
    run: (bench) => {
      const guest = bench.start();
      const text = "0123456789abcdef".repeat(200_000);
      answerWith(guest, () => ({ text }));
      const answer = fieldsOf("relay.v1", guest.handle("relay.v1", { text: "" }));
      need("4", answer["text"] === text, `An answer of ${text.length} bytes did not come through as it was.`);
    },
  },
  {
    id: "calls/error-handled",
    promise:
      "A guest tells an error from an output, reads its code, and lives on; it ignores fields that it does not know.",
    sections: ["5"],
    run: (bench) => {
      const guest = bench.start();
      answerWith(guest, () => ({
        error: "not so fast",
        code: "RATE_LIMITED",
        retryable: true,
        retry_after_ms: 5,
        new_field: [],
      }));
      const answer = fieldsOf("recover.v1", guest.handle("recover.v1", {}));
      needEqual("5", "What recover.v1 answers", answer, {
        code: "RATE_LIMITED",
        message: "not so fast",
        retryable: true,
      });
      needEqual("7", "The echo after it", echo(guest, "still here"), "still here");
    },
  },
  {
    id: "calls/unknown-code",
    promise: "A code that the guest does not know is an error like any other.",
    sections: ["5"],
    run: (bench) => {
      const guest = bench.start();
      answerWith(guest, () => ({ error: "from a later version", code: "NEW_CODE", retryable: false }));
      const answer = fieldsOf("recover.v1", guest.handle("recover.v1", {}));
      needEqual("5", "The code that recover.v1 saw", answer["code"], "NEW_CODE");
    },
  },
  {
    id: "calls/error-passed-on",
    promise: "An operation that cannot go on without an answer fails with the code that it was answered.",
    sections: ["5", "7"],
    run: (bench) => {
      const guest = bench.start();
      answerWith(guest, () => ({ error: "no grant matches", code: "PERMISSION_DENIED", retryable: false }));
      const answer = guest.handle("relay.v1", { text: "" });
      need("5", isEnvelope(answer), `relay.v1 should answer an envelope, and answered ${JSON.stringify(answer)}.`);
      needEqual("5", "The code of relay.v1", fieldsOfAny(answer)["code"], "PERMISSION_DENIED");
    },
  },
  {
    id: "calls/action",
    promise: "An action of the guest calls an action of the host.",
    sections: ["1", "3"],
    run: (bench) => {
      const guest = bench.start();
      const calls = answerWith(guest, () => ({ id: "9007199254740993" }));
      const answer = fieldsOf("store.v1", guest.handle("store.v1", { text: "keep this" }));
      needEqual("5", "The id that store.v1 answers", answer["id"], "9007199254740993");
      needEqual("3", "The method of store.v1", calls[0]?.method, "action:kit.store.input.v1");
    },
  },
];

function fieldsOfAny(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
