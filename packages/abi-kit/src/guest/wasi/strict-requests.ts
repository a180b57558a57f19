import { parseJson, parseMethod } from "@spacedrive/wire";
import type { StrictScript } from "../strict-host-functions.js";
import type { Fields } from "./strict-records.js";
import { wasiProblem } from "./wasi-problem.js";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LEVELS: readonly unknown[] = [0, 1, 2, 3, "debug", "info", "warn", "error"];

/**
 * Serves one request of a guest that must do nothing wrong, and answers its result.
 *
 * @throws GuestProblem
 */
export function serveStrictly(method: string, params: Fields, script: StrictScript): unknown {
  switch (method) {
    case "call":
      return call(params, script);
    case "log":
      if (!LEVELS.includes(params["level"] ?? "info")) {
        throw wasiProblem("5", `Its "log" has the level ${JSON.stringify(params["level"])}.`);
      }
      script.logs.push(stringOf(method, params, "message"));
      return 0;
    case "register":
      return register(params, script);
    case "checkpoint":
      needJob(method, script);
      return checkpoint(jsonOf(method, params, "state"), script);
    case "interrupt":
      needJob(method, script);
      return script.interrupt(script.asked++);
    case "progress":
      needJob(method, script);
      return progress(params, script);
    case "warning":
      needJob(method, script);
      script.warnings.push(stringOf(method, params, "message"));
      return 0;
    case "add_bytes":
      needJob(method, script);
      script.bytes += countOf(method, params);
      return 0;
    case "add_items":
      needJob(method, script);
      script.items += countOf(method, params);
      return 0;
    case "fail":
      needJob(method, script);
      script.reason = stringOf(method, params, "message");
      return 0;
    case "complete":
      needJob(method, script);
      script.result = jsonOf(method, params, "result");
      return 0;
    default:
      throw wasiProblem("5", `It sent a request "${method.slice(0, 80)}", which there is not.`);
  }
}

/** A text's JSON: of a string what it holds, of any other value that value. */
export function jsonOfText(what: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return parseJson(value, what);
  } catch {
    throw wasiProblem("2", `${what} is not JSON: ${value.slice(0, 80)}`);
  }
}

function call(params: Fields, script: StrictScript): string {
  const method = stringOf("call", params, "method");
  try {
    parseMethod(method);
  } catch {
    throw wasiProblem("5", `Its "call" has the method "${method.slice(0, 80)}", which is none.`);
  }
  if (script.starting && method.startsWith("action:")) {
    throw wasiProblem("5", `It called ${method} in start, where queries may be called but no actions.`);
  }
  const library = params["library"] ?? null;
  if (library !== null && (typeof library !== "string" || !UUID.test(library))) {
    throw wasiProblem("5", `The "library" in its "call" is not a UUID: ${JSON.stringify(library)}`);
  }
  const payload = jsonOf("call", params, "payload");
  return script.call({ method, library: library === null ? null : library.toLowerCase(), payload });
}

function register(params: Fields, script: StrictScript): number {
  if (!script.starting) throw wasiProblem("5", `It sent "register" after start.`);
  const kind = stringOf("register", params, "kind");
  if (kind !== "job" && kind !== "query" && kind !== "action") {
    throw wasiProblem("5", `Its "register" has the kind "${kind.slice(0, 80)}".`);
  }
  const resumable = params["resumable"] ?? true;
  if (typeof resumable !== "boolean") {
    throw wasiProblem("5", `The "resumable" in its "register" is neither true nor false: ${JSON.stringify(resumable)}`);
  }
  const name = stringOf("register", params, "name");
  const exportName = stringOf("register", params, "export");
  script.registered.push({ kind, name, exportName, resumable: kind === "job" && resumable });
  return 0;
}

function checkpoint(state: unknown, script: StrictScript): number {
  if (!script.durable) return 1;
  script.checkpoints.push(state);
  return 0;
}

function progress(params: Fields, script: StrictScript): number {
  const fraction = params["fraction"];
  if (typeof fraction !== "number" || !(fraction >= 0 && fraction <= 1)) {
    throw wasiProblem("5", `The "fraction" in its "progress" is ${JSON.stringify(fraction)}: it takes 0.0 to 1.0.`);
  }
  const message = params["message"] === undefined ? "" : stringOf("progress", params, "message");
  script.progress.push({ fraction, message });
  return 0;
}

function needJob(method: string, script: StrictScript): void {
  if (script.job === null) throw wasiProblem("5", `It sent "${method}" outside a job.`);
}

function stringOf(method: string, params: Fields, name: string): string {
  const value = params[name];
  if (typeof value === "string") return value;
  throw wasiProblem("6", `Its "${method}" needs "${name}", a string, and has ${JSON.stringify(value) ?? "none"}.`);
}

function jsonOf(method: string, params: Fields, name: string): unknown {
  if (params[name] === undefined) throw wasiProblem("6", `Its "${method}" needs "${name}", and has none.`);
  return jsonOfText(`The "${name}" in its "${method}"`, params[name]);
}

function countOf(method: string, params: Fields): bigint {
  const count = params["count"];
  const digits = typeof count === "number" ? String(count) : count;
  if (typeof digits === "string" && /^[0-9]+$/.test(digits)) return BigInt(digits);
  throw wasiProblem(
    "5",
    `The "count" in its "${method}" is ${JSON.stringify(count) ?? "missing"}: it is a whole number.`,
  );
}
