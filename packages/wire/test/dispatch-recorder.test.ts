import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  type CallOutcome,
  createJobId,
  createWire,
  defineAction,
  type OpenRecord,
  type Operation,
  type RecordableCall,
  type Recorder,
  SpacedriveError,
} from "../src/index.js";
import { coded, libraries, library, memoryLibraries } from "./one-library.js";
import { ping } from "./ping.js";

const extension: Caller = { kind: "extension", extension: "finance" };

describe("the recorder", () => {
  const caller: Caller = { kind: "job", job: { id: createJobId(), type: "native", attempt: 1, library } };

  interface Journal extends Recorder {
    readonly log: string[];
    readonly begun: RecordableCall[];
  }

  interface JournalOptions {
    readonly recorded?: CallOutcome;
    readonly inAnnounce?: () => void;
    readonly inCommit?: () => void;
    readonly inSettle?: () => void;
  }

  function journal(options: JournalOptions = {}): Journal {
    const log: string[] = [];
    const begun: RecordableCall[] = [];
    const record: OpenRecord = {
      idempotencyKey: "key-1",
      nested: { begin: () => ({ kind: "recorded", outcome: { ok: true, output: "inner" } }) },
      admit: (operation) => void log.push(`admit ${operation.name}`),
      async announce() {
        options.inAnnounce?.();
        log.push("announce");
      },
      commit(_tx, output) {
        options.inCommit?.();
        log.push(`commit ${JSON.stringify(output)}`);
      },
      async settle(outcome) {
        options.inSettle?.();
        log.push(`settle ${outcome.ok ? JSON.stringify(outcome.output) : outcome.error.code}`);
      },
    };
    return {
      log,
      begun,
      begin(call) {
        begun.push(call);
        if (options.recorded !== undefined) return { kind: "recorded", outcome: options.recorded };
        return { kind: "open", record };
      },
    };
  }

  const write = defineAction({
    name: "a.write",
    scope: "library",
    input: z.object({}),
    output: z.object({ key: z.string() }),
    prepare: (ctx) => ctx.idempotencyKey,
    commit: (tx, key) => (tx.run("effect"), { key }),
  });

  it("answers a recorded call without looking for it, asking the gate or running it", async () => {
    const recorder = journal({ recorded: { ok: true, output: { echo: "recorded" } } });
    const wire = createWire([], { libraries });
    expect(await wire.call("query:test.ping", { message: "" }, { caller: extension, library, recorder })).toEqual({
      echo: "recorded",
    });
    expect(recorder.log).toEqual([]);
  });

  it("answers a recorded failure with all that it was", async () => {
    const error = new SpacedriveError("BUSY", "later", { retryable: false, details: { after: 3 } });
    const recorder = journal({ recorded: { ok: false, error } });
    const reply = createWire([ping], { libraries }).call(ping, { message: "" }, { caller, library, recorder });
    await expect(reply).rejects.toMatchObject({
      code: "BUSY",
      message: "later",
      retryable: false,
      details: { after: 3 },
    });
  });

  it("is told of a call as it was asked, and the same call is the same however it is spelled", async () => {
    const recorder = journal();
    const wire = createWire([ping, write], { libraries: memoryLibraries() });
    await wire.call("query:test.ping", { message: "" }, { caller, library, recorder });
    await wire.call(ping, { message: "" }, { caller, library, recorder });
    await wire.call("query:test.ping.v1", { message: "" }, { caller, library, recorder });
    await wire.call("action:a.write", {}, { caller, library, recorder });
    await wire.call("action:a.write.input", {}, { caller, library, recorder });
    expect(recorder.begun.map(({ kind, method }) => [kind, method])).toEqual([
      ["query", "query:test.ping"],
      ["query", "query:test.ping.v1"],
      ["query", "query:test.ping.v1"],
      ["action", "action:a.write"],
      ["action", "action:a.write"],
    ]);
    expect(recorder.begun[0]).toMatchObject({ library, payload: { message: "" }, caller });
  });

  it("is told of every outcome once, of what is not there and denials too", async () => {
    const recorder = journal();
    const wire = createWire([ping], { libraries });
    await wire.call(ping, { message: "" }, { caller, library, recorder });
    await wire.call("query:test.ping", {}, { caller, library, recorder }).catch(() => {});
    await wire.call("query:test.ping", {}, { caller: extension, library, recorder }).catch(() => {});
    await wire.call("query:test.pong", {}, { caller, library, recorder }).catch(() => {});
    expect(recorder.log.filter((line) => line.startsWith("settle"))).toEqual([
      'settle {"echo":"Pong: ","count":1}',
      "settle INVALID_INPUT",
      "settle PERMISSION_DENIED",
      "settle NOT_FOUND",
    ]);
  });

  it("records an action inside the action's transaction, and settles it before the answer leaves", async () => {
    const recorder = journal();
    const wire = createWire([write], { libraries: memoryLibraries() });
    expect(await wire.call(write, {}, { caller, library, recorder })).toEqual({ key: "key-1" });
    expect(recorder.log).toEqual(["admit a.write", 'commit {"key":"key-1"}', 'settle {"key":"key-1"}']);
  });

  it("rolls the effect back where the record cannot be written", async () => {
    const directory = memoryLibraries();
    const recorder = journal({
      inCommit() {
        throw new SpacedriveError("DISK_FULL", "no room");
      },
    });
    const reply = createWire([write], { libraries: directory }).call(write, {}, { caller, library, recorder });
    await expect(reply).rejects.toEqual(coded("DISK_FULL"));
    expect(directory.rows).toEqual([]);
    expect(recorder.log.at(-1)).toBe("settle DISK_FULL");
  });

  it("is told of what reaches outside before it does; of an extension's own action, by the calls that this makes", async () => {
    const recorder = journal();
    const sending = (extension?: string): Operation =>
      defineAction({
        name: "a.send",
        scope: "host",
        input: z.object({}),
        output: z.object({}),
        ...(extension === undefined ? {} : { extension }),
        run: () => (recorder.log.push("run"), {}),
      });
    const wire = createWire([sending(), sending("ledger")]);
    await wire.call("action:a.send", {}, { caller, recorder });
    await wire.call("action:ledger:a.send", {}, { caller, recorder });
    const ran = ["admit a.send", "run", "settle {}"];
    expect(recorder.log).toEqual(["admit a.send", "announce", "run", "settle {}", ...ran]);
  });

  it("keeps what reaches outside from beginning where it cannot announce it, or where it is given up meanwhile", async () => {
    const controller = new AbortController();
    const ran: string[] = [];
    const send = defineAction({
      name: "a.send",
      scope: "host",
      input: z.object({}),
      output: z.object({}),
      run: () => (ran.push("run"), {}),
    });
    const wire = createWire([send]);
    const full = journal({
      inAnnounce() {
        throw new SpacedriveError("DISK_FULL", "no room");
      },
    });
    await expect(wire.call(send, {}, { caller, recorder: full })).rejects.toEqual(coded("DISK_FULL"));
    const aborting = journal({ inAnnounce: () => controller.abort() });
    const reply = wire.call(send, {}, { caller, recorder: aborting, signal: controller.signal });
    await expect(reply).rejects.toEqual(coded("CANCELLED"));
    expect(ran).toEqual([]);
  });

  it("has the last word: what it throws when a call is settled is what the caller is told", async () => {
    const recorder = journal({
      inSettle() {
        throw new SpacedriveError("JOB_NOT_RUNNING", "it has ended");
      },
    });
    const reply = createWire([ping], { libraries }).call(ping, { message: "" }, { caller, library, recorder });
    await expect(reply).rejects.toEqual(coded("JOB_NOT_RUNNING"));
  });

  it("is handed on for the calls that a handler makes", async () => {
    const outer = defineAction({
      name: "a.outer",
      scope: "library",
      input: z.object({}),
      output: z.string(),
      run: (ctx) =>
        wire
          .call("query:a.inner", {}, { caller: ctx.caller, library: ctx.library, recorder: ctx.recorder })
          .then(String),
    });
    const wire = createWire([outer], { libraries });
    expect(await wire.call(outer, {}, { caller, library, recorder: journal() })).toBe("inner");
    expect(await wire.call(outer, {}, { caller, library }).catch((error: unknown) => error)).toEqual(
      coded("NOT_FOUND"),
    );
  });
});
