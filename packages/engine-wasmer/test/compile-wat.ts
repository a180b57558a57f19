import wabt from "wabt";

const compiler = wabt();

/** Bytes of a module in text form. */
export async function compileWat(text: string): Promise<Uint8Array> {
  const module = (await compiler).parseWat("test.wat", text, {});
  try {
    return Uint8Array.from(module.toBinary({ write_debug_names: true }).buffer);
  } finally {
    module.destroy();
  }
}
