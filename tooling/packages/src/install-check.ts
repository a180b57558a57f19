import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeRelease, shellWith } from "./node-release.ts";
import { packInto, type Tarball } from "./pack.ts";
import { publishedPackages } from "./published-packages.ts";
import { mustRun } from "./run-command.ts";

const MAJORS = [24, 26];

/**
 * Does what a user does, outside the workspace, with npm and with nothing but the tarballs: installs every package, opens
 * every door by `import` and by `require`, makes an extension with `sdx create`, builds it and runs its tests. Once for
 * each Node major given on the command line.
 */
async function main(majors: readonly number[]): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), "install-check-"));
  try {
    const tarballs = await step("pack", () => packInto(join(temporary, "tarballs"), publishedPackages()));
    for (const major of majors) await checkOn(major, tarballs, temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function checkOn(major: number, tarballs: readonly Tarball[], temporary: string): Promise<void> {
  const nodeFolder = await step(`Node ${major}: get it`, () => nodeRelease(major, join(temporary, `node-${major}`)));
  const env = shellWith(nodeFolder);
  const app = join(temporary, `app-${major}`);
  const npm = (cwd: string, ...args: string[]): Promise<unknown> => mustRun("npm", args, { cwd, env });

  await step(`Node ${major}: install the packages`, async () => {
    await mkdir(app);
    await writeFile(join(app, "package.json"), JSON.stringify(appManifest(tarballs), null, 2));
    await npm(app, "install", "--no-audit", "--no-fund");
  });
  await step(`Node ${major}: import and require every door`, async () => {
    await writeFile(join(app, "doors.mjs"), await doorsProgram(app, tarballs));
    const { output } = await mustRun("node", ["doors.mjs"], { cwd: app, env });
    if (output !== "") throw new Error(`Importing the packages printed something:\n${output}`);
  });
  await step(`Node ${major}: sdx create hello`, () =>
    mustRun("npx", ["sdx", "create", "hello", "--packages", join(temporary, "tarballs")], { cwd: app, env }),
  );
  const hello = join(app, "hello");
  await step(`Node ${major}: npm install`, () => npm(hello, "install", "--no-audit", "--no-fund"));
  await step(`Node ${major}: npm run build`, () => npm(hello, "run", "build"));
  await step(`Node ${major}: npm test`, () => npm(hello, "test"));
}

/** Every package from its tarball, also where another one depends on it. */
function appManifest(tarballs: readonly Tarball[]): object {
  const dependencies = Object.fromEntries(tarballs.map(({ pkg, path }) => [pkg.name, `file:${path}`]));
  const overrides = Object.fromEntries(tarballs.map(({ pkg }) => [pkg.name, `$${pkg.name}`]));
  return { name: "app", private: true, type: "module", dependencies, overrides };
}

async function doorsProgram(app: string, tarballs: readonly Tarball[]): Promise<string> {
  const lines = [`import { createRequire } from "node:module";`, "const require = createRequire(import.meta.url);"];
  for (const { pkg } of tarballs) {
    const manifest = await readFile(join(app, "node_modules", pkg.name, "package.json"), "utf8");
    // Proof: the packages check has looked at the manifest; what is no object of conditions has no script.
    const { exports } = JSON.parse(manifest) as { exports: Record<string, { default?: string }> };
    for (const [door, { default: script }] of Object.entries(exports)) {
      if (script === undefined || !/\.[mc]?js$/.test(script)) continue;
      const specifier = JSON.stringify(`${pkg.name}${door.slice(1)}`);
      lines.push(`await import(${specifier});`, `require(${specifier});`);
    }
  }
  return `${lines.join("\n")}\n`;
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await work();
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return value;
}

const majors = process.argv.slice(2).map(Number);
await main(majors.length > 0 ? majors : MAJORS);
