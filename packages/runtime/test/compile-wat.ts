import { readFileSync } from "node:fs";
import wabt from "wabt";

const compiler = wabt();
const FEATURES = { exceptions: true, multi_memory: true, memory64: true, tail_call: true, threads: true };

/** Bytes of a module in text form. Nothing is validated: tests want broken ones too. */
export async function compileWat(text: string, names = true): Promise<Uint8Array<ArrayBuffer>> {
  const module = (await compiler).parseWat("test.wat", text, FEATURES);
  try {
    return Uint8Array.from(module.toBinary({ write_debug_names: names }).buffer);
  } finally {
    module.destroy();
  }
}

/** Bytes of `test/fixtures/<name>.wat`. */
export function compileFixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return compileWat(readFileSync(new URL(`./fixtures/${name}.wat`, import.meta.url), "utf8"));
}
