import { handler, job, type Text, watGuest } from "../wat-guest.js";

/**
 * What a program's letters do. Before each the guest writes into its state what it has been answered so far, as eight hex
 * digits, and where it goes on, as two: so its state is always that of the next step.
 */
export const STEPS = {
  a: "appends a line that names the step and what was answered",
  r: "reads how many lines there are",
  x: "makes a call that fails in its commit",
  n: "makes a call that does not exist",
  o: "has another extension append two lines and read between them",
  d: "reaches outside",
  c: "checkpoints",
  i: "looks for an interrupt; checkpoints and returns 1",
  j: "looks for an interrupt; returns 1",
  q: "looks for an interrupt; checkpoints and returns 2, as Spacedrive's Rust SDK does",
  p: "reports progress, items and bytes",
  w: "warns",
  s: "sleeps: asks to be woken, checkpoints, returns 3",
  k: "leaves out the next step, if what was answered is odd",
  f: "fails",
} as const;

export type ProgramStep = keyof typeof STEPS;

/** The first state of a program. */
export function programState(steps: readonly ProgramStep[]): string {
  return `811c9dc500${steps.join("")}`;
}

const HASH_AT = 1;
const STEP_AT = 9;
const STEPS_AT = 11;

/** A guest whose job runs the program in its state. */
export function programGuest(): Promise<Uint8Array> {
  return watGuest((text) => {
    const payload = text('{"message":"0000000000"}');
    const message = `(i32.const ${pointerOf(payload) + '{"message":"'.length}) (i32.const 10)`;
    const step = (letter: ProgramStep, body: string): string =>
      `(if (i32.eq (local.get $step) (i32.const ${letter.charCodeAt(0)})) (then ${body} (br $next)))`;
    const call = (method: string, input: string): string =>
      `(call $hear (call $call ${text(method)} (i32.const 0) ${input}))
       (if (call $stopped) (then (return (i32.const 1))))`;
    const save = `(if (call $checkpoint (global.get $job) (global.get $state) (global.get $length))
      (then (call $fail (global.get $job) ${text("its checkpoint was refused")}) (return (i32.const 2))))`;
    const look = (then: string): string => `(if (call $interrupted (global.get $job)) (then ${then}))`;
    return `
      (global $state (mut i32) (i32.const 0))
      (global $length (mut i32) (i32.const 0))
      (global $hash (mut i32) (i32.const 0))
      (global $failed (mut i32) (i32.const 0))

      (func $write_hex (param $at i32) (param $value i32) (param $digits i32)
        (local $digit i32)
        (loop $next
          (local.set $digits (i32.sub (local.get $digits) (i32.const 1)))
          (local.set $digit (i32.and (local.get $value) (i32.const 15)))
          (local.set $value (i32.shr_u (local.get $value) (i32.const 4)))
          (i32.store8 (i32.add (local.get $at) (local.get $digits))
            (i32.add (local.get $digit)
              (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
          (br_if $next (local.get $digits))))

      (func $read_hex (param $at i32) (param $digits i32) (result i32)
        (local $value i32)
        (loop $next
          (local.set $value
            (i32.or (i32.shl (local.get $value) (i32.const 4)) (call $digit (i32.load8_u (local.get $at)))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $digits (i32.sub (local.get $digits) (i32.const 1)))
          (br_if $next (local.get $digits)))
        (local.get $value))

      ;; Takes every byte of a reply into the hash.
      (func $hear (param $reply i32)
        (local $end i32)
        (global.set $failed (i32.eq (i32.load offset=6 (local.get $reply)) (i32.const ${littleEndian("erro")})))
        (local.set $end (i32.add (local.get $reply) (i32.add (i32.const 4) (i32.load (local.get $reply)))))
        (local.set $reply (i32.add (local.get $reply) (i32.const 4)))
        (loop $next
          (global.set $hash
            (i32.mul (i32.xor (global.get $hash) (i32.load8_u (local.get $reply))) (i32.const 0x01000193)))
          (local.set $reply (i32.add (local.get $reply) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $reply) (local.get $end)))))

      ;; A call that failed, and an interrupt: its answer was not one.
      (func $stopped (result i32)
        (if (i32.eqz (global.get $failed)) (then (return (i32.const 0))))
        (i32.eq (call $interrupted (global.get $job)) (i32.const 2)))

      (func $work (param $from i32) (param $size i32) (result i32)
        (local $at i32) (local $step i32) (local $count i32)
        (global.set $state (call $alloc (local.get $size)))
        (global.set $length (local.get $size))
        (memory.copy (global.get $state) (local.get $from) (local.get $size))
        (global.set $hash (call $read_hex (i32.add (global.get $state) (i32.const ${HASH_AT})) (i32.const 8)))
        (local.set $at (call $read_hex (i32.add (global.get $state) (i32.const ${STEP_AT})) (i32.const 2)))
        (local.set $count (i32.sub (global.get $length) (i32.const ${STEPS_AT + 1})))
        (loop $next
          (call $write_hex (i32.add (global.get $state) (i32.const ${HASH_AT})) (global.get $hash) (i32.const 8))
          (if (i32.ge_u (local.get $at) (local.get $count))
            (then
              (i32.store8 (i32.add (global.get $state) (i32.const ${STEP_AT})) (i32.const 34))
              (call $complete (global.get $job) (global.get $state) (i32.const ${STEP_AT + 1}))
              (return (i32.const 0))))
          (local.set $step
            (i32.load8_u (i32.add (i32.add (global.get $state) (i32.const ${STEPS_AT})) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (call $write_hex (i32.add (global.get $state) (i32.const ${STEP_AT})) (local.get $at) (i32.const 2))
          (memory.copy ${message.split(" (")[0]} (i32.add (global.get $state) (i32.const ${HASH_AT})) (i32.const 10))
          ${step("a", call("action:test.append", payload))}
          ${step("r", call("query:test.count", text("{}")))}
          ${step("x", call("action:test.reject", payload))}
          ${step("n", call("action:test.missing", payload))}
          ${step("o", call("action:ledger:book", payload))}
          ${step("d", call("action:test.send", payload))}
          ${step("c", save)}
          ${step("i", look(`${save} (return (i32.const 1))`))}
          ${step("j", look("(return (i32.const 1))"))}
          ${step("q", look(`${save} (return (i32.const 2))`))}
          ${step(
            "p",
            `(call $progress (global.get $job)
              (f32.div (f32.convert_i32_u (local.get $at)) (f32.convert_i32_u (local.get $count))) ${message})
            (call $items (global.get $job) (i64.const 3))
            (call $bytes (global.get $job) (i64.const 5))`,
          )}
          ${step("w", `(call $warning (global.get $job) ${message})`)}
          ${step("s", `${call("action:jobs.wake_when", text('{"after_ms":1000}'))} ${rewrite()} ${save} (return (i32.const 3))`)}
          ${step(
            "k",
            "(if (i32.and (global.get $hash) (i32.const 1)) (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))",
          )}
          ${step("f", `(call $fail (global.get $job) ${message}) (return (i32.const 2))`)}
          (unreachable))
        (unreachable))
      ${job("execute_work", "(call $work (local.get $state) (local.get $state_length))")}`;
  });
}

/** Writes what was answered into the state, in the midst of a step. */
function rewrite(): string {
  return `(call $write_hex (i32.add (global.get $state) (i32.const ${HASH_AT})) (global.get $hash) (i32.const 8))`;
}

/** An extension whose action `book` makes calls to answer. */
export function ledgerGuest(): Promise<Uint8Array> {
  return watGuest((text: Text) => {
    const input = "(local.get $input) (local.get $input_length)";
    const call = (method: string, payload: string): string => `(call $call ${text(method)} (i32.const 0) ${payload})`;
    return handler(
      "action_book_v1",
      `(drop ${call("action:test.append", input)})
       (drop ${call("query:test.count", text("{}"))})
       ${call("action:test.append", input)}`,
    );
  });
}

function pointerOf(operands: string): number {
  return Number(/\(i32\.const (\d+)\)/.exec(operands)?.[1]);
}

function littleEndian(text: string): number {
  return Buffer.from(text, "latin1").readInt32LE(0);
}
