import { printableLine, SpacedriveError } from "@spacedrive/wire";
import type { GuestDescription } from "../guest/guest.js";
import type { GuestLimits } from "../guest/limits.js";
import { MalformedBytes } from "./byte-reader.js";
import { inTurns } from "./in-turns.js";
import type { ModuleShape } from "./module-shape.js";
import { readModule } from "./read-module.js";
import { formatSignature } from "./signature.js";

/** Nobody reads a thousand wrong imports. */
const MAX_PROBLEM_CHARACTERS = 8_192;
const MAGIC = [0x00, 0x61, 0x73, 0x6d];

/**
 * What can be said of a module without compiling it, also of one that the checks refuse.
 *
 * @param name who it is, for messages.
 * @throws SpacedriveError `MODULE_INVALID` where the bytes are not a wasm module.
 */
export function describeModule(bytes: Uint8Array, name: string | null = null): GuestDescription {
  return describeShape(openModule(bytes, name));
}

/** Reads the sections; whatever is wrong with the bytes becomes `MODULE_INVALID` with a text for people. */
export function openModule(bytes: Uint8Array, name: string | null): ModuleShape {
  const steps = stepsOf(bytes, name, Number.POSITIVE_INFINITY);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As {@link openModule}, with turns for whatever else the host has to do: a large module takes most of a second. */
export function openModuleInTurns(
  bytes: Uint8Array,
  name: string,
  limits: Pick<GuestLimits, "maxFunctionBodyBytes">,
): Promise<ModuleShape> {
  return inTurns(stepsOf(bytes, name, limits.maxFunctionBodyBytes));
}

function* stepsOf(bytes: Uint8Array, name: string | null, maxBodyBytes: number): Generator<void, ModuleShape> {
  const problem = describeWrongFile(bytes);
  if (problem !== null) throw moduleInvalid(name, problem);
  try {
    return yield* readModule(bytes, maxBodyBytes);
  } catch (thrown) {
    if (!(thrown instanceof MalformedBytes)) throw thrown;
    throw moduleInvalid(name, `The wasm file is damaged or not supported: ${thrown.message}. Build it again.`, thrown);
  }
}

/** @param problem may have names of the module in it: what they would do to a terminal or a log is written as escapes. */
export function moduleInvalid(name: string | null, problem: string, cause?: unknown): SpacedriveError {
  return new SpacedriveError(
    "MODULE_INVALID",
    `${name === null ? "The module" : `"${name}"`} cannot be loaded. ${printableLine(problem, MAX_PROBLEM_CHARACTERS)}`,
    { cause },
  );
}

export function describeShape(shape: ModuleShape): GuestDescription {
  const memory = shape.memories[0];
  return {
    bytes: shape.bytes,
    imports: shape.imports.map(({ module, name, kind, type }) => ({
      module,
      name,
      signature: type === null ? kind : formatSignature(type),
    })),
    exports: shape.exports.flatMap(({ name, type }) =>
      type === null ? [] : [{ name, signature: formatSignature(type) }],
    ),
    memory: { minPages: memory?.min ?? 0, maxPages: memory?.max ?? null },
    tables: shape.tables.map(({ min, max }) => ({ minEntries: min, maxEntries: max })),
    functions: { count: shape.functionCount, largestBodyBytes: shape.largestBody?.bytes ?? 0 },
    hasStart: shape.hasStart,
    hasNames: shape.hasNames,
    sourceMapUrl: shape.sourceMapUrl,
  };
}

function describeWrongFile(bytes: Uint8Array): string | null {
  if (bytes.length === 0) return "The wasm file is empty (0 bytes). Build it again.";
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) {
    const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString("utf8");
    if (/^\s*<(!doctype|html|head|body|\?xml)/i.test(start)) {
      return "The wasm file looks like HTML: a download probably gave an error page. Fetch or build it again.";
    }
    if (bytes.length < 4 && MAGIC.slice(0, bytes.length).every((byte, i) => bytes[i] === byte)) {
      return `The wasm file is cut short (${bytes.length} bytes). Build it again.`;
    }
    if (/^[\t\n\r\x20-\x7e]*$/.test(start)) {
      return `The wasm file looks like text, beginning ${JSON.stringify(start.slice(0, 32))}. Point wasm_file at the compiled module.`;
    }
    return "The wasm file does not begin as a wasm module does (\\0asm): it is something else or damaged. Build it again.";
  }
  if (bytes.length < 8) return `The wasm file is cut short (${bytes.length} bytes). Build it again.`;
  const version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (version === 1) return null;
  return version === 0x1000d
    ? "The wasm file is a component; this host runs core modules. Build a core module."
    : `The wasm file says binary format version ${version}; this host knows 1. Build it again.`;
}
