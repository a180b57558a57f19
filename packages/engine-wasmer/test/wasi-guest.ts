import { readFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

const SOURCES = new URL("guests/assembly/", import.meta.url);
const MARK = "PROGRAM=";
const built = new Map<string, Promise<Uint8Array>>();

/** The command `test/guests/assembly/<name>.ts`, compiled once for a test file. */
export function wasiGuest(name: "kitchen" | "counter"): Promise<Uint8Array> {
  const bytes = built.get(name) ?? compile(name);
  built.set(name, bytes);
  return bytes;
}

/** The kitchen that does something else in its start. */
export async function wasiProgram(program: string): Promise<Uint8Array> {
  const bytes = Buffer.from(await wasiGuest("kitchen"));
  const at = bytes.indexOf(MARK);
  if (at < 0) throw new Error("the kitchen has lost its mark");
  bytes.write(program.padEnd(16, "."), at + MARK.length, "latin1");
  return bytes;
}

async function compile(name: string): Promise<Uint8Array> {
  let bytes: Uint8Array | null = null;
  let messages = "";
  const { error } = await asc.main(
    // Names are kept and nothing is inlined, so that a trap's stack tells all of it.
    [`${name}.ts`, "--outFile", "guest.wasm", "--exportStart", "_start", "--use", "abort=abort/onAbort", "--debug"],
    {
      readFile: (file) => read(file),
      writeFile: (file, content) => {
        if (file === "guest.wasm") bytes = Buffer.from(content);
      },
      listFiles: () => [],
      stderr: { write: (text) => void (messages += text) },
    },
  );
  if (error !== null || bytes === null) throw new Error(`${name}.ts does not compile:\n${messages}`);
  return bytes;
}

async function read(file: string): Promise<string | null> {
  if (file.startsWith("~") || file.includes("node_modules") || !file.endsWith(".ts")) return null;
  return readFile(new URL(file.replace(/^.*\//, ""), SOURCES), "utf8").catch(() => null);
}
