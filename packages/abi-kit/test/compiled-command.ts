import { readFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

const SOURCES = new URL("fixtures/wasi-kit-guest/assembly/", import.meta.url);

/**
 * The command of `fixtures/wasi-kit-guest`, compiled with one text in its sources replaced: a guest with one fault where a test
 * wants one.
 */
export async function compileCommand(change?: readonly [from: string, to: string]): Promise<Uint8Array> {
  let bytes: Uint8Array | null = null;
  let messages = "";
  let changed = change === undefined;
  const read = async (file: string): Promise<string | null> => {
    if (file.startsWith("~") || file.includes("node_modules") || !file.endsWith(".ts")) return null;
    const text = await readFile(new URL(file.replace(/^.*\//, ""), SOURCES), "utf8").catch(() => null);
    if (change === undefined || text === null || !text.includes(change[0])) return text;
    changed = true;
    return text.replace(change[0], () => change[1]);
  };
  const { error } = await asc.main(
    ["index.ts", "--outFile", "guest.wasm", "--exportStart", "_start", "--use", "abort=records/onAbort"],
    {
      readFile: read,
      writeFile: (file, content) => {
        if (file === "guest.wasm") bytes = Buffer.from(content);
      },
      listFiles: () => [],
      stderr: { write: (text) => void (messages += text) },
    },
  );
  if (error !== null || bytes === null) throw new Error(`the command does not compile:\n${messages}`);
  if (!changed) throw new Error(`the command's sources have no "${change?.[0]}"`);
  return new Uint8Array(bytes);
}
