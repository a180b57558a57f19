import { printableLine } from "@spacedrive/wire";
import type { GuestLimits } from "../guest/limits.js";
import { pagesOf, RAISE_THE_CAP } from "./cap-module.js";
import { HOST_FUNCTION_SIGNATURES, HOST_MODULE, KNOWN_EXPORTS, NEEDS_ALLOCATOR } from "./host-function-signatures.js";
import type { ModuleShape } from "./module-shape.js";
import { PAGE_BYTES } from "./page.js";
import { formatSignature } from "./signature.js";

/** Of a module's own names in messages. */
const MAX_SHOWN_CHARACTERS = 200;

/** Everything that keeps a module from being run here, as sentences that name the thing and say what to do. */
export function checkModule(shape: ModuleShape, limits: GuestLimits): readonly string[] {
  return [...checkImports(shape), ...checkMemory(shape, limits), ...checkExports(shape), ...checkSizes(shape, limits)];
}

/** The checks that hold for a module of any kind: its memory, its tables and its functions. */
export function checkResources(shape: ModuleShape, limits: GuestLimits): readonly string[] {
  return [...checkMemory(shape, limits), ...checkSizes(shape, limits)];
}

function checkSizes(shape: ModuleShape, limits: GuestLimits): readonly string[] {
  return [...checkTables(shape, limits), ...checkBodies(shape, limits)];
}

function* checkImports(shape: ModuleShape): Iterable<string> {
  const advised = new Set<string>();
  for (const { module, name, kind, type } of shape.imports) {
    const what = `"${printableLine(module, MAX_SHOWN_CHARACTERS)}"."${printableLine(name, MAX_SHOWN_CHARACTERS)}"`;
    if (kind === "memory") continue;
    if (kind !== "function" || type === null) {
      yield `It imports the ${kind} ${what}: a guest may import functions of "${HOST_MODULE}" and nothing else.`;
      continue;
    }
    const expected = module === HOST_MODULE ? HOST_FUNCTION_SIGNATURES.get(name) : undefined;
    if (expected === undefined) {
      const advice = adviseImport(module, shape);
      const once = advised.has(advice) ? "" : ` ${advice}`;
      advised.add(advice);
      yield `It imports the function ${what} ${formatSignature(type)}, which this host does not have.${once}`;
    } else if (expected !== formatSignature(type)) {
      yield `It imports ${what} as ${formatSignature(type)}; the host function is ${expected}. Declare it so.`;
    }
  }
}

function adviseImport(module: string, shape: ModuleShape): string {
  if (module === HOST_MODULE) return `There are: ${[...HOST_FUNCTION_SIGNATURES.keys()].join(", ")}.`;
  if (module === "wasi_snapshot_preview1" && shape.exports.some(({ name }) => name === "_start")) {
    return 'It is a WASI command: say "engine": "wasi" in its manifest.';
  }
  if (module.startsWith("wasi")) return "Build it without WASI (for Rust: --target wasm32-unknown-unknown).";
  if (module === "env") return "Build it with the SDK, which provides what the language imports from env.";
  return `Only functions of "${HOST_MODULE}" can be imported.`;
}

function* checkMemory(shape: ModuleShape, limits: GuestLimits): Iterable<string> {
  if (shape.imports.some((entry) => entry.kind === "memory")) {
    yield 'It imports its memory: it must define its own and export it as "memory".';
    return;
  }
  const memory = shape.memories[0];
  if (memory === undefined) {
    yield 'It has no memory: define one and export it as "memory".';
    return;
  }
  if (shape.memories.length > 1) yield `It has ${shape.memories.length} memories: exactly one is allowed.`;
  for (const { oddity } of shape.memories) {
    if (oddity !== null) yield `Its memory is ${oddity}: a plain 32-bit unshared memory is needed.`;
  }
  if (!shape.exports.some(({ name, kind }) => name === "memory" && kind === "memory")) {
    yield 'It does not export its memory as "memory".';
  }
  const cap = pagesOf(limits.maxMemoryBytes);
  if (memory.min > cap) {
    yield `Its memory starts with ${formatPages(memory.min)} and the cap is ${formatPages(cap)}: start smaller, or ${RAISE_THE_CAP}.`;
  } else if (shape.dataEnd > memory.min * PAGE_BYTES && memory.oddity === null) {
    yield `Its data segments reach to byte ${shape.dataEnd} and its memory starts with ${formatPages(memory.min)}: give it a larger initial memory${
      shape.dataEnd > cap * PAGE_BYTES ? `, and ${RAISE_THE_CAP}` : ""
    }.`;
  }
  if (memory.max !== null && memory.max < memory.min) yield "Its memory's maximum is below its minimum.";
}

function formatPages(pages: number): string {
  return `${pages} pages (${(pages * PAGE_BYTES) / (1024 * 1024)} MB)`;
}

function* checkExports(shape: ModuleShape): Iterable<string> {
  const needy = shape.imports.find(({ module, name }) => module === HOST_MODULE && NEEDS_ALLOCATOR.includes(name));
  for (const [name, signatures] of KNOWN_EXPORTS) {
    const found = shape.exports.find((entry) => entry.name === name);
    const expected = signatures.join(" or ");
    if (found === undefined) {
      if (needy !== undefined && (name === "wasm_alloc" || name === "wasm_free")) {
        yield `It imports "${needy.name}" and lacks the export "${name}" ${expected}, through which the host hands it data. Export it, or build with the SDK.`;
      }
    } else if (found.type === null) {
      yield `Its export "${name}" is a ${found.kind}; it must be a function ${expected}.`;
    } else if (!signatures.includes(formatSignature(found.type))) {
      yield `Its export "${name}" is ${formatSignature(found.type)}; it must be ${expected}.`;
    }
  }
}

function* checkTables(shape: ModuleShape, limits: GuestLimits): Iterable<string> {
  const entries = shape.tables.reduce((sum, table) => sum + table.min, 0);
  if (entries > limits.maxTableEntries) {
    yield `Its tables start with ${entries} entries and ${limits.maxTableEntries} are allowed (maxTableEntries).`;
  }
}

function* checkBodies(shape: ModuleShape, limits: GuestLimits): Iterable<string> {
  const { largestBody: largest, mostBranchValues: values, mostLoops: loops } = shape;
  if (largest !== null && largest.bytes > limits.maxFunctionBodyBytes) {
    yield `Function ${largest.index} has ${largest.bytes} bytes and ${limits.maxFunctionBodyBytes} are allowed (maxFunctionBodyBytes): split it, or keep the compiler from inlining into it.`;
  }
  if (values !== null && values.count > limits.maxBranchValues) {
    yield `Function ${values.index} keeps ${values.count} values at its branches (the locals and operands at each block, branch and target) and ${limits.maxBranchValues} are allowed (maxBranchValues): build it with optimisation, or split it.`;
  }
  if (shape.branchValues > limits.maxModuleBranchValues) {
    yield `Its functions keep ${shape.branchValues} values at their branches together and ${limits.maxModuleBranchValues} are allowed (maxModuleBranchValues): build it with optimisation.`;
  }
  if (shape.locals > limits.maxLocals) {
    yield `Its functions have ${shape.locals} locals and parameters together and ${limits.maxLocals} are allowed (maxLocals): build it with optimisation.`;
  }
  if (loops !== null && loops.count > limits.maxLoops) {
    yield `Function ${loops.index} has ${loops.count} loops and ${limits.maxLoops} are allowed (maxLoops): split it.`;
  }
  // The platform does not look for a termination in them, so that an endless chain of them cannot be stopped, nor the process exit.
  if (shape.tailCall !== null) {
    yield `Function ${shape.tailCall} makes a tail call, and a chain of those cannot be stopped at a time limit: build it without them (for LLVM: -mno-tail-call).`;
  }
}
