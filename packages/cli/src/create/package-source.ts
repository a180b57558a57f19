import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { SpacedriveError } from "@spacedrive/wire";
import type { OwnPackage } from "../own-package.js";

/** Where a new project takes the platform's packages from: a spec of package.json for each of them. */
export type PackageSpecs = ReadonlyMap<string, string>;

/** The packages that a new project names itself. */
export const DIRECT_PACKAGES = ["cli", "sdk", "testkit"] as const;

/** From the registry, in the version of this command. */
export function registrySpecs(own: OwnPackage): PackageSpecs {
  return new Map(DIRECT_PACKAGES.map((name) => [`${own.scope}/${name}`, `^${own.version}`]));
}

/**
 * From the tarballs in a folder, as `npm pack` and `pnpm pack` name them.
 *
 * @throws SpacedriveError `NOT_FOUND` where the folder, or one of the packages in it, is not there.
 */
export function tarballSpecs(folder: string, project: string, own: OwnPackage): PackageSpecs {
  const from = resolve(folder);
  if (!existsSync(from))
    throw new SpacedriveError("NOT_FOUND", `There is no folder "${folder}" to take packages from.`);
  const ending = `-${own.version}.tgz`;
  const beginning = `${own.scope.slice(1)}-`;
  const specs = new Map<string, string>();
  for (const file of readdirSync(from)) {
    if (!file.startsWith(beginning) || !file.endsWith(ending)) continue;
    const name = file.slice(beginning.length, -ending.length);
    specs.set(`${own.scope}/${name}`, `file:${relative(project, join(from, file)).split(sep).join("/")}`);
  }
  for (const name of DIRECT_PACKAGES) {
    if (specs.has(`${own.scope}/${name}`)) continue;
    const missing = `${beginning}${name}${ending}`;
    throw new SpacedriveError(
      "NOT_FOUND",
      `"${folder}" does not hold ${missing}. Pack every package there with: pnpm -r pack.`,
    );
  }
  return specs;
}

/**
 * Packs the workspace that this command runs from, whose packages are on no registry.
 *
 * @throws SpacedriveError `OPERATION_FAILED` where they cannot be packed.
 */
export function packCheckout(checkout: string, destination: string): void {
  mkdirSync(destination, { recursive: true });
  const pnpm = join(checkout, "node_modules", ".bin", process.platform === "win32" ? "pnpm.cmd" : "pnpm");
  const packed = spawnSync(pnpm, ["-r", "--filter", "./packages/*", "pack", "--pack-destination", destination], {
    cwd: checkout,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (packed.status === 0) return;
  const reason = packed.error?.message ?? `${packed.stdout}${packed.stderr}`.trim();
  throw new SpacedriveError("OPERATION_FAILED", `The packages of this checkout could not be packed: ${reason}`);
}
