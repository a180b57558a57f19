import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { PublishedPackage } from "./published-packages.ts";
import { mustRun } from "./run-command.ts";

/** A packed package. */
export interface Tarball {
  readonly pkg: PublishedPackage;
  readonly path: string;
}

/** Packs as `pnpm publish` would, with `workspace:` and `catalog:` written out. */
export async function packInto(folder: string, packages: readonly PublishedPackage[]): Promise<Tarball[]> {
  await mkdir(folder, { recursive: true });
  const tarballs: Tarball[] = [];
  for (const pkg of packages) {
    const packed = await mustRun("pnpm", ["pack", "--json", "--pack-destination", folder], { cwd: pkg.folder });
    // Proof: `pnpm pack --json` prints one object with the tarball's name.
    const { filename } = JSON.parse(packed.stdout) as { filename: string };
    tarballs.push({ pkg, path: join(folder, basename(filename)) });
  }
  return tarballs;
}

/** Unpacks a tarball; answers the folder of the package. */
export async function unpackInto(folder: string, tarball: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await mustRun("tar", ["-xzf", tarball, "-C", folder], { cwd: folder });
  return join(folder, "package");
}
