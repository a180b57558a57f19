/** What a guest under test said to its host. */
export interface Seen {
  readonly logs: { readonly level: number; readonly message: string }[];
  readonly calls: { readonly method: string; readonly library: string | null; readonly payload: unknown }[];
  readonly progress: { readonly fraction: number; readonly message: string }[];
  readonly checkpoints: string[];
  readonly warnings: string[];
  readonly registered: string[];
  items: bigint;
  bytes: bigint;
  failure: string | null;
  result: string | null;
}

export interface TestHostOptions {
  /** Answers an operation; what it gives is the reply's JSON. */
  readonly answer?: (method: string, payload: unknown) => unknown;
  /** Of `job_check_interrupt`: how many checks pass before the answer is 1. */
  readonly interruptAfter?: number;
  readonly refuseCheckpoints?: boolean;
  readonly refuseRegistrations?: boolean;
}

export const LIBRARY = "0197f3c0-1111-7000-8000-00000000abcd";
export const JOB = "0197f3c0-2222-7000-8000-00000000ef01";

/** The smallest host that speaks the ABI, for tests of the SDK alone; tests of extensions use the testkit. */
export class TestHost {
  readonly seen: Seen = {
    logs: [],
    calls: [],
    progress: [],
    checkpoints: [],
    warnings: [],
    registered: [],
    items: 0n,
    bytes: 0n,
    failure: null,
    result: null,
  };
  readonly #options: TestHostOptions;
  readonly #instance: WebAssembly.Instance;
  #checks = 0;

  constructor(module: WebAssembly.Module, options: TestHostOptions = {}) {
    this.#options = options;
    this.#instance = new WebAssembly.Instance(module, { spacedrive: this.#imports() });
    this.call("_initialize");
  }

  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Calls an export with plain numbers. */
  call(name: string, ...args: readonly (number | bigint)[]): number {
    const exported = this.#instance.exports[name];
    if (typeof exported !== "function") throw new Error(`no export ${name}`);
    const returned: unknown = exported(...args);
    return Number(returned);
  }

  /** The same for an export that returns 64 bits. */
  big(name: string, ...args: readonly number[]): bigint {
    const exported = this.#instance.exports[name];
    if (typeof exported !== "function") throw new Error(`no export ${name}`);
    const returned: unknown = exported(...args);
    if (typeof returned !== "bigint") throw new Error(`${name} returned no 64-bit integer`);
    return returned;
  }

  /** Calls an operation's export; gives its reply. */
  operation(name: string, input: unknown, library: string | null = LIBRARY): unknown {
    return JSON.parse(this.operationText(name, JSON.stringify(input), library));
  }

  operationText(name: string, input: string | Uint8Array, library: string | null = LIBRARY): string {
    return this.#borrowed([JSON.stringify({ library_id: library, caller: "test" }), input], (...args) => {
      const block = this.call(name, ...args);
      const length = this.#view.getUint32(block, true);
      const text = this.#text(block + 4, length);
      this.call("wasm_free", block, length + 4);
      return text;
    });
  }

  job(name: string, state?: unknown): number {
    const context = JSON.stringify({ job_id: JOB, library_id: LIBRARY, new_field: 1 });
    return this.#borrowed([context, state === undefined ? "" : JSON.stringify(state)], (...args) =>
      this.call(name, ...args),
    );
  }

  /** Calls an export that takes a text (pointer, length) and returns a block of text. */
  text(name: string, input: string | Uint8Array): string {
    return this.#borrowed([input], (...args) => {
      const block = this.call(name, ...args);
      const length = this.#view.getUint32(block, true);
      const text = this.#text(block + 4, length);
      this.call("wasm_free", block, length + 4);
      return text;
    });
  }

  #borrowed<T>(texts: readonly (string | Uint8Array)[], use: (...args: number[]) => T): T {
    const given = texts.map((text) => {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      const pointer = bytes.length === 0 ? 0 : this.call("wasm_alloc", bytes.length);
      new Uint8Array(this.#memory.buffer).set(bytes, pointer);
      return { pointer, length: bytes.length };
    });
    const result = use(...given.flatMap(({ pointer, length }) => [pointer, length]));
    for (const { pointer, length } of given) if (length > 0) this.call("wasm_free", pointer, length);
    return result;
  }

  get #memory(): WebAssembly.Memory {
    const { memory } = this.#instance.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error("no memory");
    return memory;
  }

  get #view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  #text(pointer: number, length: number): string {
    return new TextDecoder("utf-8", { fatal: true }).decode(
      new Uint8Array(this.#memory.buffer, pointer >>> 0, length >>> 0),
    );
  }

  #uuid(pointer: number): string {
    const hex = Buffer.from(this.#memory.buffer, pointer, 16).toString("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  #block(text: string): number {
    const bytes = Buffer.from(text);
    const block = this.call("wasm_alloc", bytes.length + 4);
    this.#view.setUint32(block, bytes.length, true);
    new Uint8Array(this.#memory.buffer).set(bytes, block + 4);
    return block;
  }

  #ofJob(pointer: number): void {
    if (this.#uuid(pointer) !== JOB) throw new Error(`another job: ${this.#uuid(pointer)}`);
  }

  #imports(): WebAssembly.ModuleImports {
    const { seen } = this;
    const options = this.#options;
    const register = (kind: string, name: string, target: string): number => {
      seen.registered.push(`${kind} ${name} ${target}`);
      return options.refuseRegistrations === true ? 1 : 0;
    };
    return {
      spacedrive_call: (
        method: number,
        methodLength: number,
        library: number,
        payload: number,
        length: number,
      ): number => {
        const name = this.#text(method, methodLength);
        const input: unknown = JSON.parse(this.#text(payload, length));
        seen.calls.push({ method: name, library: library === 0 ? null : this.#uuid(library), payload: input });
        return this.#block(
          JSON.stringify(
            options.answer?.(name, input) ?? { error: "nothing answers", code: "NOT_FOUND", retryable: false },
          ),
        );
      },
      spacedrive_log: (level: number, text: number, length: number): void => {
        seen.logs.push({ level, message: this.#text(text, length) });
      },
      job_report_progress: (job: number, fraction: number, text: number, length: number): void => {
        this.#ofJob(job);
        seen.progress.push({ fraction, message: this.#text(text, length) });
      },
      job_checkpoint: (job: number, state: number, length: number): number => {
        this.#ofJob(job);
        if (options.refuseCheckpoints === true) return 1;
        seen.checkpoints.push(this.#text(state, length));
        return 0;
      },
      job_check_interrupt: (): number =>
        ++this.#checks > (options.interruptAfter ?? Number.POSITIVE_INFINITY) ? 1 : 0,
      job_add_warning: (job: number, text: number, length: number): void => {
        this.#ofJob(job);
        seen.warnings.push(this.#text(text, length));
      },
      job_increment_bytes: (_job: number, bytes: bigint): void => {
        seen.bytes += bytes;
      },
      job_increment_items: (_job: number, items: bigint): void => {
        seen.items += items;
      },
      register_job: (name: number, length: number, target: number, targetLength: number, resumable: number): number =>
        register(`job resumable=${resumable}`, this.#text(name, length), this.#text(target, targetLength)),
      register_operation: (kind: number, name: number, length: number, target: number, targetLength: number): number =>
        register(kind === 0 ? "query" : "action", this.#text(name, length), this.#text(target, targetLength)),
      job_fail: (job: number, text: number, length: number): void => {
        this.#ofJob(job);
        seen.failure = this.#text(text, length);
      },
      job_complete: (job: number, text: number, length: number): void => {
        this.#ofJob(job);
        seen.result = this.#text(text, length);
      },
    };
  }
}
