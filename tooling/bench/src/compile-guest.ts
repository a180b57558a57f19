import { readFile } from "node:fs/promises";
import createWabt from "wabt";

/** Compiles a module of `guests/`, with a name section, as a build of an extension would. */
export async function compileGuest(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const file = `${name}.wat`;
  const source = await readFile(new URL(`../guests/${file}`, import.meta.url));
  const wabt = await createWabt();
  const module = wabt.parseWat(file, source, { bulk_memory: true });
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}
