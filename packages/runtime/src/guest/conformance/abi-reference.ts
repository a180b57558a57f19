/** An operand as a guest passes it: i32 and f32 as a number, i64 as a bigint. */
export type Operand = number | bigint;

/** What a guest's call is made in. */
export interface AbiMoment {
  readonly memory: Uint8Array;
  /** 16 bytes of the running job's id; null outside of jobs. */
  readonly job: Uint8Array | null;
  /** In `plugin_init`. */
  readonly starting: boolean;
  /** Within `wasm_alloc` or `wasm_free`. */
  readonly allocating: boolean;
}

/** What reaches the host: copies of the bytes that were passed, and the values. */
export interface AbiEffect {
  readonly bytes: readonly Uint8Array[];
  readonly values: readonly (Operand | boolean)[];
}

/** What must become of a call. `refused`: the instance lives, and the host hears nothing. */
export type AbiOutcome =
  | { readonly kind: "violation" }
  | { readonly kind: "refused"; readonly result: number | undefined }
  | { readonly kind: "served"; readonly effect: AbiEffect };

interface Rule {
  readonly parameters: readonly ("i32" | "i64" | "f32")[];
  /** Answers an i32. */
  readonly answers?: boolean;
  /** Which operands are pointer and length of a range. */
  readonly ranges: readonly (readonly [pointer: number, length: number])[];
  /** The operand that points to the id of a job. */
  readonly job?: number;
  /** The operand that points to the id of a library, 0 for none. */
  readonly library?: number;
  /** What a refused call answers. */
  readonly refusal?: number;
  readonly values?: (operands: readonly Operand[]) => readonly (Operand | boolean)[];
  /** Registrations: in `plugin_init` only, with names of 1,024 bytes at most. */
  readonly registers?: boolean;
}

const u32 = (operand: Operand | undefined): number => Number(BigInt.asUintN(32, BigInt(operand ?? 0)));
const u64 = (operand: Operand | undefined): bigint => BigInt.asUintN(64, BigInt(operand ?? 0));

/** docs/abi.md §3, as a table. It shares no code with the host functions. */
const RULES: Readonly<Record<string, Rule>> = {
  spacedrive_call: {
    parameters: ["i32", "i32", "i32", "i32", "i32"],
    answers: true,
    ranges: [
      [0, 1],
      [3, 4],
    ],
    library: 2,
  },
  spacedrive_log: { parameters: ["i32", "i32", "i32"], ranges: [[1, 2]], values: ([level]) => [u32(level)] },
  job_report_progress: {
    parameters: ["i32", "f32", "i32", "i32"],
    job: 0,
    ranges: [[2, 3]],
    values: ([, fraction]) => [Math.fround(Number(fraction))],
  },
  job_checkpoint: { parameters: ["i32", "i32", "i32"], answers: true, job: 0, ranges: [[1, 2]], refusal: 1 },
  job_check_interrupt: { parameters: ["i32"], answers: true, job: 0, ranges: [], refusal: 2 },
  job_add_warning: { parameters: ["i32", "i32", "i32"], job: 0, ranges: [[1, 2]] },
  job_increment_bytes: { parameters: ["i32", "i64"], job: 0, ranges: [], values: ([, count]) => [u64(count)] },
  job_increment_items: { parameters: ["i32", "i64"], job: 0, ranges: [], values: ([, count]) => [u64(count)] },
  register_job: {
    parameters: ["i32", "i32", "i32", "i32", "i32"],
    answers: true,
    ranges: [
      [0, 1],
      [2, 3],
    ],
    refusal: 1,
    registers: true,
    values: ([, , , , resumable]) => [u32(resumable) !== 0],
  },
  register_operation: {
    parameters: ["i32", "i32", "i32", "i32", "i32"],
    answers: true,
    ranges: [
      [1, 2],
      [3, 4],
    ],
    refusal: 1,
    registers: true,
    values: ([kind]) => [u32(kind)],
  },
  job_fail: { parameters: ["i32", "i32", "i32"], job: 0, ranges: [[1, 2]] },
  job_complete: { parameters: ["i32", "i32", "i32"], job: 0, ranges: [[1, 2]] },
};

export const HOST_FUNCTION_NAMES: readonly string[] = Object.keys(RULES);

/** The types of a host function's parameters, and whether it answers an i32. */
export function hostFunctionType(name: string): Pick<Rule, "parameters"> & { readonly answers: boolean } {
  const { parameters, answers = false } = ruleOf(name);
  return { parameters, answers };
}

function ruleOf(name: string): Rule {
  const rule = RULES[name];
  if (rule === undefined) throw new TypeError(`docs/abi.md has no rule of ${name}`);
  return rule;
}

const ID_BYTES = 16;
const MAX_NAME_BYTES = 1024;

/** What docs/abi.md says of a call, in so many words. */
export function abiReference(name: string, operands: readonly Operand[], moment: AbiMoment): AbiOutcome {
  const rule = ruleOf(name);
  const { memory, job, starting, allocating } = moment;
  if (allocating && name !== "spacedrive_log") return { kind: "violation" };

  const isWithin = (pointer: number, length: number): boolean =>
    length === 0 || BigInt(pointer) + BigInt(length) <= BigInt(memory.length);
  const bytes: Uint8Array[] = [];
  for (const [pointerAt, lengthAt] of rule.ranges) {
    const [pointer, length] = [u32(operands[pointerAt]), u32(operands[lengthAt])];
    if (!isWithin(pointer, length)) return { kind: "violation" };
    bytes.push(length === 0 ? new Uint8Array() : memory.slice(pointer, pointer + length));
  }
  if (rule.library !== undefined) {
    const pointer = u32(operands[rule.library]);
    if (pointer !== 0 && !isWithin(pointer, ID_BYTES)) return { kind: "violation" };
    if (pointer !== 0) bytes.push(memory.slice(pointer, pointer + ID_BYTES));
  }
  if (rule.job !== undefined) {
    const pointer = u32(operands[rule.job]);
    if (!isWithin(pointer, ID_BYTES)) return { kind: "violation" };
    const isRunning = job?.every((byte, index) => memory[pointer + index] === byte) === true;
    if (!isRunning) return { kind: "refused", result: rule.refusal };
  }
  if (rule.registers === true) {
    const isKind = name !== "register_operation" || u32(operands[0]) <= 1;
    if (!starting || !isKind || bytes.some((text) => text.length > MAX_NAME_BYTES)) {
      return { kind: "refused", result: rule.refusal };
    }
  }
  return { kind: "served", effect: { bytes, values: rule.values?.(operands) ?? [] } };
}
