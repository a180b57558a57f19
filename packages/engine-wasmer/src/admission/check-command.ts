import {
  checkResources,
  formatSignature,
  type GuestLimits,
  type ModuleShape,
  printableLine,
} from "@spacedrive/runtime/engine";
import { PREVIEW1_MODULE, PREVIEW1_SIGNATURES } from "../preview1/preview1-signatures.js";

/** Of a module's own names in messages. */
const MAX_SHOWN_CHARACTERS = 200;
const MAX_NAMED = 20;
const START = "() -> ()";

/** Everything that keeps a module from being run as a WASI command, as sentences that name the thing and say what to do. */
export function checkCommand(shape: ModuleShape, limits: GuestLimits): readonly string[] {
  const imports = [...checkImports(shape)];
  const more = imports.length > MAX_NAMED ? [`And ${imports.length - MAX_NAMED} more imports like these.`] : [];
  const kind = checkKind(shape);
  return [...kind, ...imports.slice(0, MAX_NAMED), ...more, ...checkExports(shape), ...checkResources(shape, limits)];
}

/** Who loads such a module may have it load others; a bare one ends on @wasmer/sdk before it has begun. */
function checkKind({ isDynamicLibrary }: ModuleShape): readonly string[] {
  return isDynamicLibrary
    ? [
        'It is a dynamic library (it has a section "dylink.0"): a command has all of its code in one module. Link it as a command, without -shared, -pie and --experimental-pic.',
      ]
    : [];
}

function* checkImports(shape: ModuleShape): Iterable<string> {
  const advised = new Set<string>();
  for (const { module, name, kind, type } of shape.imports) {
    const what = `"${printableLine(module, MAX_SHOWN_CHARACTERS)}"."${printableLine(name, MAX_SHOWN_CHARACTERS)}"`;
    // checkResources speaks of it.
    if (kind === "memory") continue;
    if (kind !== "function" || type === null) {
      yield `It imports the ${kind} ${what}: a command may import functions of "${PREVIEW1_MODULE}" and nothing else.`;
      continue;
    }
    const expected = module === PREVIEW1_MODULE ? PREVIEW1_SIGNATURES.get(name) : undefined;
    if (expected === undefined) {
      const advice = adviseImport(module);
      const once = advised.has(advice) ? "" : ` ${advice}`;
      advised.add(advice);
      yield `It imports the function ${what} ${formatSignature(type)}, which is refused.${once}`;
    } else if (expected !== formatSignature(type)) {
      yield `It imports ${what} as ${formatSignature(type)}; the function is ${expected}. Declare it so.`;
    }
  }
}

function adviseImport(module: string): string {
  if (module === "spacedrive")
    return 'A command speaks records on its standard input and output: say "engine": "wasm" for this module.';
  if (module.startsWith("wasix")) return "Build it for WASI preview1 (wasm32-wasi, wasm32-wasip1), not for WASIX.";
  if (module.startsWith("wasi:")) return "Build it for WASI preview1 (wasm32-wasi, wasm32-wasip1).";
  return `A command may import the functions of "${PREVIEW1_MODULE}" (WASI preview1) and nothing else.`;
}

function* checkExports(shape: ModuleShape): Iterable<string> {
  const start = shape.exports.find(({ name }) => name === "_start");
  if (start === undefined) {
    yield 'It exports no "_start": build a command, and not a library or reactor.';
  } else if (start.type === null) {
    yield `Its export "_start" is a ${start.kind}; it must be a function ${START}.`;
  } else if (formatSignature(start.type) !== START) {
    yield `Its export "_start" is ${formatSignature(start.type)}; it must be ${START}.`;
  }
  // WASI has it so; and @wasmer/sdk calls it before "_start", which the shim does not.
  if (shape.exports.some(({ name }) => name === "_initialize"))
    yield 'It exports "_initialize", as a reactor does: a module is a command or a reactor. Build a command.';
  if (shape.hasStart) yield 'It has a start function, in which nothing can be served: leave everything to "_start".';
}
