import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { scriptedGuest } from "./scripted-guest.ts";

// As assemble-vectors.ts does for the ABI: the modules as bytes and one index. A vector has a WAT of its own beside its
// description, or a script in it.
const sources = fileURLToPath(new URL("../vectors", import.meta.url));
const target = fileURLToPath(new URL("../dist/vectors", import.meta.url));
const compiler = await wabt();
const FEATURES = { annotations: true, exceptions: true, multi_memory: true, memory64: true, threads: true };

/** Nothing is validated: some vectors are broken on purpose. */
function assemble(path: string, text: string): Uint8Array {
  const module = compiler.parseWat(path, text, FEATURES);
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

function textOf(id: string, description: { readonly guest?: readonly string[] }): string {
  const own = join(sources, `${id}.wat`);
  if (description.guest === undefined) return readFileSync(own, "utf8");
  if (existsSync(own)) throw new Error(`${id} has a script and a WAT: it needs one of them.`);
  const [protocol = "", version = ""] = id.split("/");
  return scriptedGuest(
    readFileSync(join(sources, protocol, `scripted-guest-${version}.wat`), "utf8"),
    description.guest,
  );
}

const vectors = globSync("wasi/*/*/*.json", { cwd: sources })
  .sort()
  .map((source) => {
    const id = source.replace(/\.json$/, "");
    const wasm = `${id}.wasm`;
    const description = JSON.parse(readFileSync(join(sources, source), "utf8"));
    mkdirSync(dirname(join(target, wasm)), { recursive: true });
    writeFileSync(join(target, wasm), assemble(id, textOf(id, description)));
    return { id, source, wasm, description };
  });
writeFileSync(join(target, "wasi", "index.json"), `${JSON.stringify({ vectors }, null, 2)}\n`);
