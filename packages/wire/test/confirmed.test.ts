import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Caller,
  createJobId,
  createLibraryId,
  createWire,
  defineAction,
  defineQuery,
  type LibraryDirectory,
  type LibraryId,
  localUser,
  type Operation,
  SpacedriveError,
} from "../src/index.js";
import { coded, library, memoryLibraries } from "./one-library.js";

const input = z.object({});
const output = z.object({ value: z.int() });
const job = { id: createJobId(), type: "finance:work", attempt: 1, library };
const asJob: Caller = { kind: "extension", extension: "finance", job };

/** Libraries of which what is committed is confirmed when the test says so. */
function unconfirmed(): LibraryDirectory & {
  readonly asked: (LibraryId | null | "all")[];
  confirm(): void;
  fail(error: Error): void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  const asked: (LibraryId | null | "all")[] = [];
  return {
    ...memoryLibraries(),
    has: () => true,
    asked,
    confirmed(of) {
      asked.push(of);
      return promise;
    },
    confirm: resolve,
    fail: reject,
  };
}

const ran: string[] = [];
const read = defineQuery({ name: "a.read", scope: "library", input, output, run: () => ({ value: 1 }) });
const readLater = defineQuery({
  name: "a.read_later",
  scope: "library",
  input,
  output,
  run: async () => ({ value: 1 }),
});
const readHost = defineQuery({ name: "a.read_host", scope: "host", input, output, run: () => ({ value: 1 }) });
const missing = (): never => {
  throw new SpacedriveError("NOT_FOUND", "gone");
};
const miss = defineQuery({ name: "a.miss", scope: "library", input, output, run: missing });
const write = defineAction({
  name: "a.write",
  scope: "library",
  input,
  output,
  prepare: () => {},
  commit: () => ({ value: 1 }),
});
const refuse = defineAction({ name: "a.refuse", scope: "library", input, output, prepare: missing, commit: missing });
const send = defineAction({
  name: "a.send",
  scope: "library",
  input,
  output,
  run() {
    ran.push("sent");
    return { value: 1 };
  },
});

/** Begins a call, and says whether it has been answered yet. */
async function begin(
  libraries: LibraryDirectory,
  operation: Operation,
  { caller = localUser, of = library }: { readonly caller?: Caller; readonly of?: LibraryId } = {},
): Promise<{ readonly reply: Promise<unknown>; readonly answered: boolean }> {
  const wire = createWire([operation], { libraries });
  wire.registerGate("finance", { authorize() {}, limit() {} });
  let answered = false;
  const settle = (): void => {
    answered = true;
  };
  const kind = "run" in operation.handler && operation.kind === "query" ? "query" : "action";
  const reply = wire.call(`${kind}:${operation.name}`, {}, { caller, library: of });
  reply.then(settle, settle);
  await new Promise((resolve) => setImmediate(resolve));
  return { reply, answered };
}

describe("an answer that leaves the process", () => {
  it.each([
    { operation: read, of: library },
    { operation: readLater, of: library },
    { operation: readHost, of: "all" },
  ])("of $operation.name waits until what it may have read is confirmed", async ({ operation, of }) => {
    const libraries = unconfirmed();
    const { reply, answered } = await begin(libraries, operation);
    expect(answered).toBe(false);
    expect(libraries.asked).toEqual([of]);
    libraries.confirm();
    expect(await reply).toEqual({ value: 1 });
  });

  it.each([miss, refuse])("waits so where it is a failure, which tells as much: $name", async (operation) => {
    const libraries = unconfirmed();
    const { reply, answered } = await begin(libraries, operation);
    expect(answered).toBe(false);
    libraries.confirm();
    await expect(reply).rejects.toEqual(coded("NOT_FOUND"));
  });

  it("does not leave where what was read will not be there", async () => {
    const libraries = unconfirmed();
    const { reply } = await begin(libraries, read);
    libraries.fail(new SpacedriveError("STORE_FAILED", "the disk"));
    await expect(reply).rejects.toEqual(coded("STORE_FAILED"));
  });

  it("of an action that has committed is durable as it is, and waits for nothing else", async () => {
    const libraries = unconfirmed();
    expect(await (await begin(libraries, write)).reply).toEqual({ value: 1 });
    expect(libraries.asked).toEqual([]);
  });

  it("waits for nothing where all is confirmed", async () => {
    const libraries: LibraryDirectory = { has: () => true, confirmed: () => null };
    for (const operation of [read, readHost, send]) {
      expect(await (await begin(libraries, operation)).reply).toEqual({ value: 1 });
    }
  });
});

describe("an action outside of the databases", () => {
  it.each([localUser, asJob])("is done only once what led to it is confirmed, whoever asks (%o)", async (caller) => {
    ran.length = 0;
    const libraries = unconfirmed();
    const { reply } = await begin(libraries, send, { caller });
    expect(libraries.asked).toEqual(["all"]);
    expect(ran).toEqual([]);
    libraries.confirm();
    await reply;
    expect(ran).toEqual(["sent"]);
  });
});

describe("a job", () => {
  it("is answered at once by its own library: whatever it makes of that is confirmed later", async () => {
    const libraries = unconfirmed();
    const { reply, answered } = await begin(libraries, read, { caller: asJob });
    expect(answered).toBe(true);
    expect(await reply).toEqual({ value: 1 });
    await expect((await begin(libraries, miss, { caller: asJob })).reply).rejects.toEqual(coded("NOT_FOUND"));
    expect(libraries.asked).toEqual([]);
  });

  it("waits for other libraries, and for the host's own database", async () => {
    const libraries = unconfirmed();
    const other = createLibraryId();
    expect((await begin(libraries, read, { caller: asJob, of: other })).answered).toBe(false);
    expect((await begin(libraries, readHost, { caller: asJob })).answered).toBe(false);
    expect(libraries.asked).toEqual([other, null]);
    libraries.confirm();
  });
});

describe("a failed action", () => {
  it("that may have left something is told as it is, even where nothing can be confirmed any more", async () => {
    const libraries = unconfirmed();
    libraries.fail(new SpacedriveError("STORE_FAILED", "the disk"));
    const unknown = new SpacedriveError("STORE_FAILED", "perhaps", { details: { unconfirmed: true } });
    const commit = (): never => {
      throw unknown;
    };
    const operation = defineAction({ name: "a.write", scope: "library", input, output, prepare: () => {}, commit });
    await expect((await begin(libraries, operation)).reply).rejects.toBe(unknown);
  });
});
