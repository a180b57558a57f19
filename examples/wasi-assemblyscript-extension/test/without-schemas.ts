import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Manifest {
  readonly jobs: readonly object[];
  readonly operations: readonly object[];
}

/** The extension with a manifest that lets everything through, so that what the guest itself checks can be seen. */
export async function withoutSchemas(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "spacedrive-example-"));
  await cp("build", join(path, "build"), { recursive: true });
  // Proof: the extension's manifest has both lists.
  const manifest = JSON.parse(await readFile("manifest.json", "utf8")) as Manifest;
  const open = {
    ...manifest,
    jobs: manifest.jobs.map((job) => ({ ...job, state: {} })),
    operations: manifest.operations.map((operation) => ({ ...operation, input: {}, output: {} })),
  };
  await writeFile(join(path, "manifest.json"), JSON.stringify(open));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
