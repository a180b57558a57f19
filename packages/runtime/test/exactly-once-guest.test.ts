import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLibraryId } from "@spacedrive/wire";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createWorkerEngine } from "../src/guest/worker/worker-engine.js";
import type { GuestWorld } from "./exactly-once/guest-host.js";
import { type GuestCut, GuestRun } from "./exactly-once/guest-run.js";
import { ledgerGuest, programGuest, type ProgramStep } from "./exactly-once/program-guest.js";
import { operation } from "./plugin-host.js";

/*
 * The same promise as packages/jobs/test/exactly-once.test.ts, through the whole of the ABI: a real guest runs a program from
 * its state, is cut at random moments, and leaves what it leaves undisturbed. Without these variables it runs a few cases.
 *
 *   EXACTLY_ONCE_RUNS   how many cases, however long they take
 *   EXACTLY_ONCE_SEED, EXACTLY_ONCE_PATH   which: those that a failure names
 */
const { EXACTLY_ONCE_RUNS: RUNS, EXACTLY_ONCE_SEED: SEED, EXACTLY_ONCE_PATH: PATH } = process.env;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant<ProgramStep>("a") },
  { weight: 2, arbitrary: fc.constantFrom<ProgramStep>("r", "o", "c") },
  { weight: 1, arbitrary: fc.constantFrom<ProgramStep>("x", "n", "d", "i", "j", "q", "p", "w", "s", "k") },
);

const steps = fc
  .tuple(
    fc.array(step, { minLength: 1, maxLength: 12, size: "max" }),
    fc.constantFrom<ProgramStep[]>([], [], [], ["f"]),
  )
  .map(([body, end]) => [...body, ...end]);

const cut = fc.record({
  after: fc.nat(40),
  what: fc.constantFrom<GuestCut["what"][]>(
    "kill",
    "kill",
    "kill",
    "pause",
    "pause",
    "pause_past",
    "pause_resume",
    "reload",
    "restart",
  ),
});

async function withWorld<T>(
  work: (world: Omit<GuestWorld, "moment" | "sent">, folder: string) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "exactly-once-guest-"));
  const extensions = join(root, "extensions");
  const write = async (id: string, wasm: Uint8Array, manifest: object): Promise<void> => {
    await mkdir(join(extensions, id), { recursive: true });
    const text = JSON.stringify({ id, name: id, version: "1.0.0", wasm_file: "guest.wasm", ...manifest });
    await writeFile(join(extensions, id, "manifest.json"), text);
    await writeFile(join(extensions, id, "guest.wasm"), wasm);
  };
  await write("ledger", await ledgerGuest(), {
    operations: [operation("book", { kind: "action" })],
    permissions: { methods: ["test."] },
  });
  await write("program", await programGuest(), {
    jobs: [{ name: "work", export: "execute_work" }],
    permissions: { methods: ["test.", "ledger:book", "jobs."] },
  });
  await using engine = createWorkerEngine();
  try {
    return await work({ library: createLibraryId(), extensions, engine }, root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

it("a guest that is cut anywhere leaves what it would have left undisturbed", async () => {
  await withWorld(async (world, root) => {
    let folders = 0;
    const folder = async (): Promise<string> => {
      const path = join(root, `${++folders}`);
      await mkdir(path);
      return path;
    };
    const property = fc.asyncProperty(
      steps,
      fc.array(cut, { minLength: 1, maxLength: 5, size: "max" }),
      async (program, cuts) => {
        const expected = await new GuestRun(world, program, []).run(await folder());
        const run = new GuestRun(world, program, cuts);
        const found = await run.run(await folder());
        expect({ ...found, trail: run.trail }).toEqual({ ...expected, records: 0, trail: run.trail });
        expect(run.trail.filter((line) => line.startsWith("a"))).toEqual([]);
      },
    );
    await fc.assert(property, {
      ...(RUNS === undefined ? { numRuns: 20, interruptAfterTimeLimit: 8_000 } : { numRuns: Number(RUNS) }),
      ...(SEED === undefined ? {} : { seed: Number(SEED) }),
      ...(PATH === undefined ? {} : { path: PATH }),
    });
  });
}, 86_400_000);
