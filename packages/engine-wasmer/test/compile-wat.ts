import wabt from "wabt";

const compiler = wabt();

/** Bytes of a module in text form, with or without the names of its functions. */
export async function compileWat(text: string, names = true): Promise<Uint8Array> {
  const module = (await compiler).parseWat("test.wat", text, {});
  try {
    return Uint8Array.from(module.toBinary({ write_debug_names: names }).buffer);
  } finally {
    module.destroy();
  }
}
