import { parseJson, parseMethod, uuidFromBytes } from "@spacedrive/wire";
import { GuestProblem } from "./guest-problem.js";
import type { StrictMemory } from "./strict-memory.js";

export type GuestCallOfHost = { readonly method: string; readonly library: string | null; readonly payload: unknown };

/** What a guest registers. */
export interface GuestRegistered {
  readonly kind: "job" | "query" | "action";
  readonly name: string;
  readonly exportName: string;
  readonly resumable: boolean;
}

/** What a check hears of a guest, and what it answers. */
export interface StrictScript {
  /** True while plugin_init runs. */
  starting: boolean;
  /** The id of the job that runs. */
  job: string | null;
  /** Answers JSON text. */
  call(call: GuestCallOfHost): string;
  readonly registered: GuestRegistered[];
  readonly logs: string[];
  readonly progress: { readonly fraction: number; readonly message: string }[];
  readonly checkpoints: unknown[];
  readonly warnings: string[];
  items: bigint;
  bytes: bigint;
  reason: string | null;
  result: unknown;
  /** What `job_check_interrupt` answers, by how often it was asked before. */
  interrupt(asked: number): 0 | 1 | 2;
  asked: number;
  /** Whether the next checkpoint becomes durable. */
  durable: boolean;
}

/** Of an instance that has not begun: on a host that answers NOT_FOUND, saves each checkpoint, and interrupts nothing. */
export function freshScript(): StrictScript {
  return {
    starting: true,
    job: null,
    call: () => '{"error":"There is no such operation.","code":"NOT_FOUND","retryable":false}',
    registered: [],
    logs: [],
    progress: [],
    checkpoints: [],
    warnings: [],
    items: 0n,
    bytes: 0n,
    reason: null,
    result: undefined,
    interrupt: () => 0,
    asked: 0,
    durable: true,
  };
}

type HostFunction = (...values: never[]) => unknown;

/** The host functions of version 1, for a guest that must do nothing wrong. */
export function createStrictHostFunctions(
  memory: () => StrictMemory | null,
  script: StrictScript,
  onProblem: (problem: GuestProblem) => void,
): Readonly<Record<string, HostFunction>> {
  const open = (name: string): StrictMemory => {
    const found = memory();
    if (found === null) throw new GuestProblem("2", `It called ${name} in its start function.`);
    if (found.allocating && name !== "spacedrive_log") {
      throw new GuestProblem(
        "4",
        `It called ${name} within wasm_alloc or wasm_free, where only spacedrive_log is allowed.`,
      );
    }
    return found;
  };
  const text = (name: string, what: string, pointer: number, length: number): string =>
    open(name).readText(name, what, pointer >>> 0, length >>> 0);
  const json = (name: string, what: string, pointer: number, length: number): unknown => {
    const read = text(name, what, pointer, length);
    try {
      return parseJson(read, what);
    } catch {
      throw new GuestProblem("3", `${name} was given a ${what} that is not JSON: ${read.slice(0, 80)}`);
    }
  };
  const needJob = (name: string, pointer: number): void => {
    const id = uuidFromBytes(open(name).read(name, "job id", pointer >>> 0, 16));
    if (script.job === null) throw new GuestProblem("3", `It called ${name} outside a job.`);
    if (id !== script.job) {
      throw new GuestProblem("3", `It called ${name} with the id ${id}, and its job is ${script.job} by its context.`);
    }
  };
  const register = (name: string, registered: GuestRegistered): number => {
    if (!script.starting) throw new GuestProblem("3", `It called ${name} after plugin_init.`);
    script.registered.push(registered);
    return 0;
  };

  const functions: Record<string, HostFunction> = {
    spacedrive_call(method: number, methodLength: number, library: number, payload: number, payloadLength: number) {
      const name = text("spacedrive_call", "method", method, methodLength);
      try {
        parseMethod(name);
      } catch {
        throw new GuestProblem("1", `spacedrive_call was given "${name.slice(0, 80)}", which is no method.`);
      }
      if (script.starting && name.startsWith("action:")) {
        throw new GuestProblem("2", `It called ${name} in plugin_init, which may call queries but no actions.`);
      }
      const named = library >>> 0;
      const id =
        named === 0 ? null : uuidFromBytes(open("spacedrive_call").read("spacedrive_call", "library id", named, 16));
      const answer = script.call({
        method: name,
        library: id,
        payload: json("spacedrive_call", "payload", payload, payloadLength),
      });
      const bytes = new TextEncoder().encode(answer);
      const guest = open("spacedrive_call");
      const block = guest.allocate(`the answer to ${name}`, 4 + bytes.length);
      guest.writeLength(block, bytes.length);
      guest.write(block, bytes, 4);
      guest.release(block);
      return block.pointer;
    },
    spacedrive_log(level: number, message: number, length: number) {
      if (level < 0 || level > 3) throw new GuestProblem("3", `spacedrive_log was given the level ${level}.`);
      script.logs.push(text("spacedrive_log", "message", message, length));
    },
    job_report_progress(job: number, fraction: number, message: number, length: number) {
      needJob("job_report_progress", job);
      if (!(fraction >= 0 && fraction <= 1)) {
        throw new GuestProblem("3", `job_report_progress was given ${fraction}: it takes 0.0 to 1.0.`);
      }
      script.progress.push({ fraction, message: text("job_report_progress", "message", message, length) });
    },
    job_checkpoint(job: number, state: number, length: number) {
      needJob("job_checkpoint", job);
      const saved = json("job_checkpoint", "state", state, length);
      if (!script.durable) return 1;
      script.checkpoints.push(saved);
      return 0;
    },
    job_check_interrupt(job: number) {
      needJob("job_check_interrupt", job);
      return script.interrupt(script.asked++);
    },
    job_add_warning(job: number, message: number, length: number) {
      needJob("job_add_warning", job);
      script.warnings.push(text("job_add_warning", "message", message, length));
    },
    job_increment_bytes(job: number, count: bigint) {
      needJob("job_increment_bytes", job);
      script.bytes += BigInt.asUintN(64, count);
    },
    job_increment_items(job: number, count: bigint) {
      needJob("job_increment_items", job);
      script.items += BigInt.asUintN(64, count);
    },
    register_job(name: number, nameLength: number, exported: number, exportLength: number, resumable: number) {
      return register("register_job", {
        kind: "job",
        name: text("register_job", "name", name, nameLength),
        exportName: text("register_job", "export", exported, exportLength),
        resumable: resumable !== 0,
      });
    },
    register_operation(kind: number, name: number, nameLength: number, exported: number, exportLength: number) {
      if (kind !== 0 && kind !== 1) throw new GuestProblem("3", `register_operation was given the kind ${kind}.`);
      return register("register_operation", {
        kind: kind === 0 ? "query" : "action",
        name: text("register_operation", "name", name, nameLength),
        exportName: text("register_operation", "export", exported, exportLength),
        resumable: false,
      });
    },
    job_fail(job: number, message: number, length: number) {
      needJob("job_fail", job);
      script.reason = text("job_fail", "message", message, length);
    },
    job_complete(job: number, result: number, length: number) {
      needJob("job_complete", job);
      script.result = json("job_complete", "result", result, length);
    },
  };
  return Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, kept(run, onProblem)]));
}

/** A guest can swallow what an import throws: the problem is kept where it cannot. */
function kept(run: HostFunction, onProblem: (problem: GuestProblem) => void): HostFunction {
  return (...values: never[]) => {
    try {
      return run(...values);
    } catch (thrown) {
      if (thrown instanceof GuestProblem) onProblem(thrown);
      throw thrown;
    }
  };
}
