import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { findProblems } from "./find-problems.ts";
import { packInto, unpackInto, type Tarball } from "./pack.ts";
import { type PackedPackage, readPackedPackage } from "./packed-package.ts";
import { publishedPackages, REPOSITORY } from "./published-packages.ts";
import { runCommand } from "./run-command.ts";

const ATTW = join(REPOSITORY, "tooling/packages/node_modules/.bin/attw");

/** Says nothing where every package is fit to publish; assumes that they are built. */
async function main(): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), "packages-"));
  try {
    const license = await readFile(join(REPOSITORY, "LICENSE"), "utf8");
    const expected = { license, node: ">=24", repository: REPOSITORY };
    const packages = publishedPackages();
    const versions = new Set<unknown>();
    for (const tarball of await packInto(join(temporary, "tarballs"), packages)) {
      const { name } = tarball.pkg;
      const folder = await unpackInto(join(temporary, name), tarball.path);
      const packed = readPackedPackage(folder);
      versions.add(packed.manifest["version"]);
      report(name, findProblems(packed, expected));
      report(name, await publintProblems(folder));
      report(name, await attwProblems(tarball, packed));
    }
    if (versions.size > 1) report("packages", [`they move together, but have versions ${[...versions].join(", ")}`]);
    report(".changeset/config.json", await changesetProblems(packages.map(({ name }) => name)));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function report(name: string, problems: readonly string[]): void {
  for (const problem of problems) console.error(`${name}: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

async function publintProblems(folder: string): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg) ?? message.code}`);
}

/** Doors to anything but JavaScript (a JSON schema, AssemblyScript) have no module that types could be wrong about. */
async function attwProblems(tarball: Tarball, packed: PackedPackage): Promise<string[]> {
  // Proof: an object's fields may be looked at by name; a door that is no object of conditions has no default.
  const doors = Object.entries((packed.manifest["exports"] ?? {}) as Record<string, { default?: string }>);
  const typed = doors.filter(([, target]) => /\.[mc]?js$/.test(target.default ?? ""));
  if (typed.length === 0) return [];
  const entrypoints = typed.map(([door]) => door);
  const args = [
    tarball.path,
    "--profile",
    "esm-only",
    "--no-definitely-typed",
    "--no-color",
    "--no-emoji",
    "--entrypoints",
    ...entrypoints,
  ];
  const { status, output } = await runCommand(ATTW, args, { cwd: REPOSITORY });
  return status === 0 ? [] : [`attw:\n${output.trim()}`];
}

/** Packages move together until 1.0, so each stands in the one fixed group. */
async function changesetProblems(names: readonly string[]): Promise<string[]> {
  const text = await readFile(join(REPOSITORY, ".changeset/config.json"), "utf8");
  // Proof: read as unknown strings below; anything else is simply not found.
  const { fixed } = JSON.parse(text) as { fixed: string[][] };
  return names.filter((name) => !fixed[0]?.includes(name)).map((name) => `"fixed" lacks ${name}`);
}

await main();
