import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Caller,
  defineAction,
  defineQuery,
  formatMethod,
  type LibraryId,
  localUser,
  type Operation,
} from "@spacedrive/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import wabt from "wabt";
import { z } from "zod";
import { CommandHost } from "../src/host/command-host.js";
import { recordingTerminal } from "./recording-terminal.js";
import { temporaryFolder } from "./sdx.js";

/**
 * Every operation of a host as `sdx` puts it together: core's, the jobs', the runtime's own, and an extension's. The list
 * is the registry's: whatever is registered is in it, and what is not in it cannot be called.
 */
const GRANTS = { stranger: [], neighbour: [], friend: ["query:", "action:"] } as const;
const temporary = temporaryFolder();
let host: CommandHost;
let library: LibraryId;
/** Inputs that were looked at, and handlers that ran. */
const reached: string[] = [];

beforeAll(async () => {
  const wat = readFileSync(new URL("fixtures/stranger/guest.wat", import.meta.url), "utf8");
  const module = (await wabt()).parseWat("guest.wat", wat);
  const wasm = module.toBinary({}).buffer;
  module.destroy();
  host = await CommandHost.open({ dataDir: join(temporary.path, "data") }, recordingTerminal(), "error", false);
  library = (await host.makeLibrary("home")).id;
  for (const [id, grant] of Object.entries(GRANTS)) {
    const folder = join(temporary.path, id);
    mkdirSync(folder);
    writeFileSync(join(folder, "guest.wasm"), wasm);
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifestOf(id)));
    await host.loadNamed(folder, { grant });
  }
  // Registered after the extensions were granted what they were.
  for (const operation of latecomers()) host.core.wire.register(operation);
  for (const operation of others()) watch(operation);
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  temporary[Symbol.dispose]();
});

function manifestOf(id: string): unknown {
  const operation = (name: string): unknown => ({
    kind: "action",
    name,
    scope: "library",
    export: name,
    input: { type: "string" },
    output: {},
  });
  return {
    id,
    name: id,
    version: "1.0.0",
    wasm_file: "guest.wasm",
    permissions: {
      // It asks for all there is, and is granted nothing.
      methods: ["query:", "action:", "neighbour:"],
      rate_limits: { requests_per_minute: 1_000_000 },
    },
    operations: [operation("call_unparsed"), operation("call_empty")],
    jobs: [{ name: "call", export: "execute_call" }],
  };
}

function latecomers(): Operation[] {
  const shape = { input: z.object({}), output: z.object({}) };
  const run = (): Record<string, never> => ({});
  return [
    defineQuery({ name: "late.read", scope: "host", ...shape, run }),
    defineAction({ name: "late.run", scope: "library", ...shape, run }),
    defineAction({ name: "late.write", scope: "host", ...shape, prepare: run, commit: run }),
  ];
}

/** All but those by which the tests call. */
function others(): Operation[] {
  return host.core.wire.operations().filter(({ extension }) => extension !== "stranger" && extension !== "friend");
}

/** Notes whatever of an operation is reached, and stops there. */
function watch(operation: Operation): void {
  const method = formatMethod(operation);
  const note = (what: string) => (): never => {
    reached.push(`${what} of ${method}`);
    throw new Error("reached");
  };
  const handler = { run: note("the handler"), prepare: note("the handler"), commit: note("the handler") };
  Object.assign(operation, { input: { safeParse: note("the input") }, handler });
}

/** Has an extension call a method, in one of three ways, and answers what it was answered. */
async function callAs(caller: string, how: "call_unparsed" | "call_empty" | "job", method: string): Promise<unknown> {
  const { wire, jobs } = host.core;
  if (how === "job") {
    const job = await jobs.dispatch(`${caller}:call`, method, { library });
    return JSON.parse((await job.done()).result ?? "null");
  }
  const options = { caller: localUser, library };
  return JSON.parse(await wire.callJson(`action:${caller}:${how}`, JSON.stringify(method), options));
}

describe("an extension without a grant", () => {
  it("is shown by this test all that a host has", () => {
    const methods = others().map((operation) => formatMethod(operation));
    const families = new Set(methods.map((method) => method.split(/[:.]/)[1]));
    for (const family of ["host", "jobs", "late", "libraries", "neighbour", "test", "vdfs"]) {
      expect(families).toContain(family);
    }
    expect(methods.length).toBeGreaterThan(30);
    expect(library).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(["call_unparsed", "call_empty", "job"] as const)(
    "is denied every operation by its %s, before the input is parsed and the handler runs",
    async (how) => {
      reached.length = 0;
      for (const operation of others()) {
        const { extension, name } = operation;
        const missing = extension === null ? name : `${extension}:${name}`;
        expect(await callAs("stranger", how, formatMethod(operation)), formatMethod(operation)).toMatchObject({
          code: "PERMISSION_DENIED",
          missing_grant: missing,
          retryable: false,
        });
      }
      expect(reached).toEqual([]);
    },
  );

  it.each<Caller>([
    { kind: "remote", client: "phone" },
    { kind: "extension", extension: "not-loaded" },
  ])("like %j, for which there is no gate", async (caller) => {
    reached.length = 0;
    for (const operation of host.core.wire.operations()) {
      const options = { caller, library: library };
      const reply = await host.core.wire.callJson(formatMethod(operation), "{nope", options);
      expect(JSON.parse(reply), formatMethod(operation)).toMatchObject({ code: "PERMISSION_DENIED" });
    }
    expect(reached).toEqual([]);
  });

  it("would have been seen, had it been let through: the local user is", async () => {
    for (const operation of others()) {
      reached.length = 0;
      const options = { caller: localUser, library: library };
      await host.core.wire.callJson(formatMethod(operation), "{}", options);
      expect(reached).toEqual([`the input of ${formatMethod(operation)}`]);
    }
  });

  it("and one with all of the host's reach no operation of another extension", async () => {
    const reply = (operation: Operation): Promise<unknown> => callAs("friend", "call_empty", formatMethod(operation));
    reached.length = 0;
    const hosts = others().filter(({ extension }) => extension === null);
    for (const operation of hosts) await reply(operation);
    expect(reached).toEqual(hosts.map((operation) => `the input of ${formatMethod(operation)}`));

    for (const operation of others().filter(({ extension }) => extension !== null)) {
      expect(await reply(operation)).toMatchObject({
        code: "PERMISSION_DENIED",
        missing_grant: `neighbour:${operation.name}`,
      });
    }
    expect(reached).toHaveLength(hosts.length);
  });
});
