import { randomUUID } from "node:crypto";
import { isEnvelope, parseJson } from "@spacedrive/wire";
import type { PlayedGuest } from "./guest-check.js";
import { GuestProblem } from "./guest-problem.js";
import { createStrictHostFunctions, freshScript, type StrictScript } from "./strict-host-functions.js";
import { type HeldRange, StrictMemory } from "./strict-memory.js";

type Handler = (context: number, contextLength: number, input: number, inputLength: number) => number;

/** One instance of a guest that must do nothing wrong, on a host that answers as a check wants. */
export class StrictGuest implements PlayedGuest {
  readonly script: StrictScript = freshScript();
  readonly memory: StrictMemory;
  readonly #exports: WebAssembly.Exports;
  #problem: GuestProblem | null = null;

  /** Instantiates and starts. */
  constructor(module: WebAssembly.Module) {
    let memory: StrictMemory | null = null;
    const functions = createStrictHostFunctions(
      () => memory,
      this.script,
      (problem) => (this.#problem ??= problem),
    );
    this.#exports = this.#guard(
      "its start function",
      () => new WebAssembly.Instance(module, { spacedrive: functions }),
    ).exports;
    this.memory = memory = new StrictMemory(this.#exports);
    const version = this.#bare("spacedrive_abi_version") ?? 1;
    if (version !== 1)
      throw new GuestProblem("8", `It speaks ABI version ${version}; this kit plays a host of version 1.`);
    this.#bare("_initialize");
    const code = this.#bare("plugin_init") ?? 0;
    if (code !== 0) {
      const last = this.script.logs.at(-1);
      throw new GuestProblem(
        "2",
        `plugin_init returned ${code}, and 0 is success.${last === undefined ? "" : ` Its last log line: ${last}`}`,
      );
    }
    this.script.starting = false;
  }

  /** Calls a registered operation, and answers its JSON. */
  handle(name: string, input: unknown, context: unknown = { library_id: null, caller: "user" }): unknown {
    const exportName = this.#registered(name);
    const run = this.#handler(exportName);
    return this.#lend(JSON.stringify(context), JSON.stringify(input), (contextRange, inputRange, lengths) => {
      const pointer =
        this.#guard(exportName, () => run(contextRange.pointer, lengths[0], inputRange.pointer, lengths[1])) >>> 0;
      return this.#takeBlock(exportName, pointer);
    });
  }

  /** Runs a registered job with a fresh id; answers its code. */
  runJob(name: string, state: unknown): number {
    const exportName = this.#registered(name);
    const run = this.#handler(exportName);
    const job = randomUUID();
    const context = JSON.stringify({ job_id: job, library_id: randomUUID(), from_a_later_version: true });
    this.script.job = job;
    try {
      return this.#lend(
        context,
        state === undefined ? "" : JSON.stringify(state),
        (contextRange, stateRange, lengths) =>
          this.#guard(exportName, () => run(contextRange.pointer, lengths[0], stateRange.pointer, lengths[1])),
      );
    } finally {
      this.script.job = null;
    }
  }

  #lend<T>(
    first: string,
    second: string,
    use: (first: HeldRange, second: HeldRange, lengths: readonly [number, number]) => T,
  ): T {
    const [one, two] = [new TextEncoder().encode(first), new TextEncoder().encode(second)];
    // Never wasm_alloc(0): empty data is one byte, lent with length 0.
    const held = this.#guard("wasm_alloc", () => this.memory.allocate("its context", Math.max(1, one.length)));
    this.memory.write(held, one);
    const other = this.#guard("wasm_alloc", () => this.memory.allocate("its input", Math.max(1, two.length)));
    this.memory.write(other, two);
    const value = use(held, other, [one.length, two.length]);
    this.#guard("wasm_free", () => {
      this.memory.free(other);
      this.memory.free(held);
    });
    return value;
  }

  #takeBlock(exportName: string, pointer: number): unknown {
    const { memory } = this;
    if (pointer === 0) throw new GuestProblem("10", `${exportName} returned the block 0.`);
    if (pointer + 4 > memory.byteLength) {
      throw new GuestProblem("10", `${exportName} returned the block ${pointer}, which lies outside its memory.`);
    }
    const length = memory.readLength(pointer);
    if (pointer + 4 + length > memory.byteLength) {
      throw new GuestProblem(
        "10",
        `${exportName} returned a block that says ${length} bytes at ${pointer}, and its memory has ${memory.byteLength}.`,
      );
    }
    const block = { what: `the block of ${exportName}`, pointer, size: 4 + length };
    memory.hold(block);
    const text = memory.readText(exportName, "block (its answer)", pointer + 4, length);
    this.#guard("wasm_free", () => memory.free(block));
    try {
      return parseJson(text, "its answer");
    } catch {
      throw new GuestProblem("7", `${exportName} answered what is not JSON: ${text.slice(0, 80)}`);
    }
  }

  #registered(name: string): string {
    const found = this.script.registered.find((entry) => entry.name === name);
    if (found === undefined)
      throw new GuestProblem("7", `It has not registered "${name}", which the test extension needs.`);
    return found.exportName;
  }

  #handler(exportName: string): Handler {
    const found = this.#exports[exportName];
    if (typeof found !== "function" || found.length !== 4) {
      throw new GuestProblem(
        "2",
        `It registered the export "${exportName}", which is no function (i32, i32, i32, i32) -> i32.`,
      );
    }
    // Proof: it is a function of four parameters, and a guest's numbers are i32 or the call throws.
    return found as Handler;
  }

  #bare(exportName: string): number | null {
    const found = this.#exports[exportName];
    if (typeof found !== "function") return null;
    // Proof: the module was admitted, so this export takes nothing and answers a number or nothing.
    return (this.#guard(exportName, () => (found as () => unknown)()) as number | undefined) ?? null;
  }

  /** Whatever the guest does wrong inside is thrown as that, also where it swallowed it. */
  #guard<T>(what: string, run: () => T): T {
    try {
      const value = run();
      if (this.#problem !== null) throw this.#problem;
      return value;
    } catch (thrown) {
      if (this.#problem !== null) throw this.#problem;
      if (thrown instanceof GuestProblem) throw thrown;
      const last = this.script.logs.at(-1);
      const said = last === undefined ? "" : ` Its last log line: ${last}`;
      throw new GuestProblem(
        "10",
        `It trapped in ${what}: ${thrown instanceof Error ? thrown.message : String(thrown)}.${said}`,
      );
    }
  }
}

/** The fields of a JSON object; a problem where it is none, or the envelope of an error. */
export function fieldsOf(what: string, value: unknown): Readonly<Record<string, unknown>> {
  if (isEnvelope(value)) throw new GuestProblem("7", `${what} answered the error ${value.code}: ${value.error}`);
  if (typeof value !== "object" || value === null) {
    throw new GuestProblem("7", `${what} should answer an object, and answered ${JSON.stringify(value)}.`);
  }
  return { ...value };
}
