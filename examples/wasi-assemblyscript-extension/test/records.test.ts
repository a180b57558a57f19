import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runWasiCommand } from "@spacedrive/example-guest-suite";
import { expect, it } from "vitest";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What a program that uses records.ts writes to standard output. */
async function outputOf(program: string): Promise<string> {
  // The compiler wants its sources below one folder.
  await mkdir(here("../build"), { recursive: true });
  const folder = await mkdtemp(here("../build/records-"));
  try {
    const [source, module] = [join(folder, "program.ts"), join(folder, "program.wasm")];
    await writeFile(source, program);
    const options = ["--outFile", module, "--exportStart", "_start", "--use", "abort=assembly/records/abort"];
    await promisify(execFile)(here("../node_modules/.bin/asc"), [source, ...options], { cwd: here("..") });
    return await runWasiCommand(module);
  } finally {
    await rm(folder, { recursive: true });
  }
}

it("tells a progress that is no number as JSON, too", { timeout: 30_000 }, async () => {
  const output = await outputOf(`
    import { RecordsHost } from "../../assembly/records";
    const fractions: f64[] = [NaN, -Infinity, Infinity, -1, 0, 0.25, 1, 2];
    const host = new RecordsHost();
    for (let i = 0; i < fractions.length; i++) host.reportProgress(fractions[i], "on its way");
  `);
  const records = output.trim().split("\n");
  expect(records.map((record) => JSON.parse(record.slice(1)).params.fraction)).toEqual([0, 0, 1, 0, 0, 0.25, 1, 1]);
});
