import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type GuestUnderTest, manifestOf } from "./guest-under-test.js";

/** The guest with a manifest that lets every input and state through, so that what it checks by itself can be seen. */
export async function uncheckedGuest(
  guest: GuestUnderTest,
  permissions: object = {},
): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "unchecked-guest-"));
  await cp(fileURLToPath(new URL("build", guest.folder)), join(folder, "build"), { recursive: true });
  const manifest = await manifestOf(guest);
  const open = {
    ...manifest,
    permissions: { ...manifest.permissions, ...permissions },
    jobs: manifest.jobs.map((job) => ({ ...job, state: {} })),
    operations: manifest.operations.map((operation) => ({ ...operation, input: {}, output: {} })),
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(open));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
