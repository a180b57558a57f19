import type { JobRecord } from "@spacedrive/jobs";
import { describe, expect, it } from "vitest";
import { GO, loadFinance } from "./finance-extension.js";
import { createTestHost, type LogLine, operation, rejection, type TestHost } from "./plugin-host.js";
import { handler, job, type Text, watGuest } from "./wat-guest.js";

/** What moves a cursor, forges a line, hides text or turns it around, one by one. */
const DANGEROUS = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  0x00ad,
  0x061c,
  0x180e,
  0x200b,
  0x200e,
  0x200f,
  0x2028,
  0x2029,
  ...range(0x202a, 0x202e),
  ...range(0x2060, 0x2064),
  ...range(0x2066, 0x206f),
  0x3164,
  0xfeff,
  0xe0041,
].map((code) => String.fromCodePoint(code));

const SEQUENCES = [
  "\u001b[2J\u001b[H", // clears the screen
  "\u001b]0;title\u0007", // sets the title
  "\u001b]8;;http://evil.example\u001b\\link\u001b]8;;\u001b\\",
  "\u001b]52;c;cm0gLXJmIC8=\u0007", // writes the clipboard
  "\u009b31m", // the C1 form
  "\u001bP+q544e\u001b\\",
  '\r\n2026-01-01 ERROR {"extension":"other"} forged',
  "a\u0008\u0008b\u007f",
  "\u202Etxt.exe\u202C",
];

const ORDINARY = [
  "naïve café",
  "混ざった text",
  "مرحبا שלום",
  "👩‍👩‍👧‍👦 🇩🇪 ✅️",
  "ﬁ ½ “quoted” — done",
  "\\x1b is written",
];

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function lines(host: TestHost, level: LogLine["level"]): LogLine[] {
  return host.logs.filter((line) => line.level === level);
}

const log = (text: Text, message: string, level = 2): string => `(call $log (i32.const ${level}) ${text(message)})`;

function expectPrintable(message: string): void {
  expect(message).not.toMatch(/[\p{Cc}\p{Cs}\p{Bidi_Control}\u200b\u2028\u2029\u2060\ufeff\u{e0000}-\u{e007f}]/u);
}

describe("a guest's log line", () => {
  it("cannot move a cursor, forge a line or turn text around, and can say everything else", async () => {
    await using host = await createTestHost();
    const texts = [...DANGEROUS.map((character) => `a${character}b`), ...SEQUENCES, ...ORDINARY];
    await loadFinance(host, (t) =>
      handler("query_go_v1", `${texts.map((text) => log(t, text)).join("\n")} (call $block ${t("1")})`),
    );
    await host.call(GO);
    const logged = lines(host, "warn").map(({ message }) => message);
    expect(logged).toHaveLength(texts.length);
    for (const message of logged) expectPrintable(message);
    for (const message of logged.slice(0, DANGEROUS.length)) {
      expect(message).toMatch(/^a\\(?:[nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]+\})b$/);
    }
    expect(logged.slice(-ORDINARY.length)).toEqual(ORDINARY);
    expect(logged).toContain("\\x1b[2J\\x1b[H");
    expect(logged).toContain('\\r\\n2026-01-01 ERROR {"extension":"other"} forged');
  });

  it("is bounded also where every byte of it has to be written as more", async () => {
    await using host = await createTestHost({ limits: { maxLogLineBytes: 1000 } });
    await loadFinance(host, (t) =>
      handler(
        "query_go_v1",
        `${log(t, "\u001b".repeat(5000))} ${log(t, "\u202e".repeat(2000))} (call $block ${t("1")})`,
      ),
    );
    await host.call(GO);
    const [first, second] = lines(host, "warn").map(({ message }) => message);
    expect(first).toBe(`${"\\x1b".repeat(1000)} … (4000 more bytes cut)`);
    expect(second).toBe(`${"\\u202e".repeat(333)} … (5001 more bytes cut)`);
  });

  it("names its extension, and the library and the job that it belongs to, whoever calls", async () => {
    await using host = await createTestHost();
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") ${log(t, "in init")})
        (func (export "plugin_cleanup") ${log(t, "in cleanup")})
        ${handler("query_go_v1", `${log(t, "in an operation")} (call $block ${t("1")})`)}
        ${job(
          "execute_work",
          `${log(t, "in a job")}
           (drop (call $call ${t(GO)} (i32.const 0) ${t("{}")}))
           (drop (call $checkpoint (global.get $job) ${t("no JSON")}))
           (i32.const 0)`,
        )}`,
    );
    await host.write("finance", guest, {
      operations: [operation("go")],
      jobs: [{ name: "work", export: "execute_work" }],
      permissions: { methods: ["finance:go"] },
    });
    await host.plugins.load("finance");
    await host.call(GO);
    const { id } = await (await host.jobs.dispatch("finance:work", {}, { library: host.library })).done();
    await host.plugins.unload("finance");
    const said = lines(host, "warn");
    expect(said.every(({ fields }) => fields["extension"] === "finance")).toBe(true);
    const of = (message: string): unknown[] =>
      said.filter((line) => line.message === message).map(({ fields }) => [fields["library"], fields["job"]]);
    // The user's call, and the one that the job made.
    expect(of("in an operation")).toEqual([
      [host.library, undefined],
      [host.library, id],
    ]);
    expect(of("in a job")).toEqual([[host.library, id]]);
    expect(of("in init")).toContainEqual([host.library, id]);
    expect(of("in cleanup").length).toBeGreaterThan(0);
    expect(said.find(({ message }) => message.startsWith("a checkpoint"))?.fields).toMatchObject({ job: id });
  });

  it("is one of many that are counted where there are too many, under the name of who wrote them", async () => {
    await using host = await createTestHost({ limits: { maxLogBytesPerSecond: 2_000 } });
    const flood = (t: Text): string =>
      `(loop $l ${log(t, "flood", 1)} (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $calls) (i32.const 100000))))`;
    const guest = await watGuest((t) => job("execute_work", `${flood(t)} unreachable`));
    await host.write("finance", guest, { jobs: [{ name: "work", export: "execute_work", resumable: false }] });
    await host.plugins.load("finance");
    const { id, status }: JobRecord = await (
      await host.jobs.dispatch("finance:work", {}, { library: host.library })
    ).done();
    expect(status).toBe("failed");
    const kept = host.logs.filter(({ message }) => message === "flood");
    const notices = host.logs.filter(({ message }) => message.includes("log lines were dropped"));
    const dropped = notices.reduce((sum, { message }) => sum + Number.parseInt(message, 10), 0);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length + dropped).toBe(100_000);
    for (const { fields } of [...kept, ...notices]) expect(fields).toMatchObject({ extension: "finance", job: id });
    await host.expectBystander();
  });
});

describe("what a guest says elsewhere", () => {
  it("is as printable: its errors, warnings, progress, reasons, and the names in its stack", async () => {
    await using host = await createTestHost();
    const evil = "\u001b]0;x\u0007\u202E\nforged";
    const error = JSON.stringify({ error: evil, code: "CONFLICT", retryable: false });
    const guest = await watGuest(
      (t) => `
        (func $evil_name unreachable)
        ${handler("query_go_v1", `(call $block ${t(error)})`)}
        ${handler("query_trap_v1", `${log(t, evil, 3)} (call $evil_name) (i32.const 0)`)}
        ${job(
          "execute_work",
          `(call $warning (global.get $job) ${t(evil)}) (call $progress (global.get $job) (f32.const 0.5) ${t(evil)})
           (call $fail (global.get $job) ${t(evil)}) (i32.const 2)`,
        )}
        ${job("execute_result", `(call $complete (global.get $job) ${t(evil)}) (i32.const 0)`)}
        ${job("execute_state", `(drop (call $checkpoint (global.get $job) ${t(evil)})) (i32.const 2)`)}`,
    );
    // The text format cannot write such a name; the name section of a file can.
    const named = Buffer.from(
      Buffer.from(guest).toString("latin1").replaceAll("evil_name", "\u001b[2Jevil!"),
      "latin1",
    );
    await host.write("finance", named, {
      operations: [operation("go"), operation("trap")],
      jobs: ["work", "result", "state"].map((name) => ({ name, export: `execute_${name}` })),
    });
    await host.plugins.load("finance");
    const texts = [
      (await rejection(host.call(GO))).message,
      (await rejection(host.call("query:finance:trap.v1"))).message,
    ];
    const record = await (await host.jobs.dispatch("finance:work", {}, { library: host.library })).done();
    texts.push(record.error?.message ?? "", record.message, ...record.warnings);
    // What is no JSON is quoted by whoever says so.
    const refused: string[] = [];
    for (const type of ["finance:result", "finance:state"]) {
      const { error: why } = await (await host.jobs.dispatch(type, {}, { library: host.library })).done();
      refused.push(why?.message ?? "");
    }
    expect(refused.join("\n")).not.toMatch(/^forged/m);
    texts.push(...refused);
    expect(texts).toHaveLength(7);
    for (const text of texts) {
      expect(text).toContain("\\");
      // Texts of several lines keep their newlines, and nothing else.
      expectPrintable(text.replaceAll("\n", " "));
    }
    for (const { message } of host.logs) {
      expectPrintable(message.replaceAll("\n", " "));
      expect(message).not.toMatch(/^forged/m);
    }
  });

  it("is as printable where a job's export has a name of that kind, which no manifest declares", async () => {
    await using host = await createTestHost({ limits: { silenceMs: 300 } });
    const evil = (end: string): string => `\u001b[2J\nforged\u202e${end}`;
    const written = (end: string): string => `\\1b[2J\\0aforged\\e2\\80\\ae${end}`;
    const guest = await watGuest(
      (t) => `
        (func (export "plugin_init") (result i32)
          (i32.or
            (call $register_job ${t("traps")} ${t(evil("1"))} (i32.const 1))
            (call $register_job ${t("loops")} ${t(evil("2"))} (i32.const 1))))
        ${job(written("1"), "unreachable")}
        ${job(written("2"), "(loop $l (br $l)) (i32.const 0)")}`,
    );
    await host.write("finance", guest);
    await host.plugins.load("finance");
    for (const [type, code] of [
      ["finance:traps", "GUEST_TRAPPED"],
      ["finance:loops", "JOB_STALLED"],
    ] as const) {
      const { error } = await (await host.jobs.dispatch(type, {}, { library: host.library })).done();
      expect(error).toMatchObject({ code, message: expect.stringContaining("\\x1b[2J\\nforged\\u202e") });
      expectPrintable(error?.message.replaceAll("\n", " ") ?? "");
    }
  });
});
