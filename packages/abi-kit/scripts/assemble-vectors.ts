import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";

// The door `./vectors/*`: the modules as bytes and one index, so that other hosts need neither WAT nor JavaScript.
const sources = fileURLToPath(new URL("../vectors", import.meta.url));
const target = fileURLToPath(new URL("../dist/vectors", import.meta.url));
const compiler = await wabt();
const FEATURES = { exceptions: true, multi_memory: true, memory64: true, threads: true, tail_call: true };

/**
 * Hexadecimal bytes, with comments as in WAT; `[60 00]*3` is three times these two, and `## ## ## ##` in brackets the number of
 * the time, in four letters.
 */
function readHex(text: string): Uint8Array {
  const plain = text.replaceAll(/;;.*$/gm, "");
  const written = plain.replaceAll(/\[([0-9a-f#\s]+)\]\*(\d+)/g, (_, bytes: string, times: string) =>
    bytes.includes("#") ? numbered(bytes, Number(times)) : bytes.repeat(Number(times)),
  );
  return Buffer.from(written.replaceAll(/\s/g, ""), "hex");
}

function numbered(bytes: string, times: number): string {
  const digits = (number: number): string => Buffer.from(String(number).padStart(4, "0")).toString("hex");
  return Array.from({ length: times }, (_, number) => bytes.replaceAll(/#[#\s]*#/g, digits(number))).join("");
}

/** Nothing is validated: some vectors are broken on purpose. */
function assemble(path: string, text: string): Uint8Array {
  if (path.endsWith(".hex")) return readHex(text);
  const module = compiler.parseWat(path, text, FEATURES);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

const vectors = globSync("*/*/*.{wat,hex}", { cwd: sources })
  .sort()
  .map((source) => {
    const id = source.replace(/\.\w+$/, "");
    const wasm = `${id}.wasm`;
    const text = readFileSync(join(sources, source), "utf8");
    mkdirSync(dirname(join(target, wasm)), { recursive: true });
    writeFileSync(join(target, wasm), assemble(source, text));
    const description: unknown = JSON.parse(readFileSync(join(sources, `${id}.json`), "utf8"));
    return { id, source, wasm, description };
  });
writeFileSync(join(target, "index.json"), `${JSON.stringify({ vectors }, null, 2)}\n`);
