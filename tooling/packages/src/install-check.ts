import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeRelease, shellWith } from "./node-release.ts";
import { packInto, type Tarball } from "./pack.ts";
import { publishedPackages } from "./published-packages.ts";
import { mustRun } from "./run-command.ts";

const MAJORS = [24, 26];
/** Doors that only `import` opens: the AssemblyScript compiler, which the transform works in, has a top-level await. */
const ONLY_IMPORTED = ["/sdk/transform"];

/** Doors of what needs an optional peer, which is not installed here: without it there is nothing behind them. */
const OF_OPTIONAL_PEERS = ["/engine-wasmer/wasmer-worker"];

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
    const all = await scriptDoors(app, tarballs);
    const doors = all.filter((door) => !OF_OPTIONAL_PEERS.some((end) => door.endsWith(end)));
    const required = doors.filter((door) => !ONLY_IMPORTED.some((end) => door.endsWith(end)));
    const imports = doors.map((door) => `await import(${JSON.stringify(door)});`);
    const requires = required.map((door) => `require(${JSON.stringify(door)});`);
    // In two processes: a module that is already there can be required whatever it awaits.
    for (const [file, lines] of [["import.mjs", imports] as const, ["require.cjs", requires] as const]) {
      await writeFile(join(app, file), `${lines.join("\n")}\n`);
      const { output } = await mustRun("node", [file], { cwd: app, env });
      if (output !== "") throw new Error(`${file} printed something:\n${output}`);
    }
  });
  await step(`Node ${major}: sdx create hello`, () =>
    mustRun("npx", ["sdx", "create", "hello", "--packages", join(temporary, "tarballs")], { cwd: app, env }),
  );
  const hello = join(app, "hello");
  await step(`Node ${major}: npm install`, () => npm(hello, "install", "--no-audit", "--no-fund"));
  const { stdout } = await mustRun("npm", ["exec", "--call", "node --version"], { cwd: hello, env });
  if (!stdout.startsWith(`v${major}.`)) throw new Error(`hello runs on Node ${stdout.trim()}, not ${major}.`);
  await step(`Node ${major}: npm run build`, () => npm(hello, "run", "build"));
  await step(`Node ${major}: npm test`, () => npm(hello, "test"));
}

/** Every package from its tarball, also where another one depends on it. */
function appManifest(tarballs: readonly Tarball[]): object {
  const dependencies = Object.fromEntries(tarballs.map(({ pkg, path }) => [pkg.name, `file:${path}`]));
  const overrides = Object.fromEntries(tarballs.map(({ pkg }) => [pkg.name, `$${pkg.name}`]));
  return { name: "app", private: true, type: "module", dependencies, overrides };
}

/** `@scope/package/door` of everything that is JavaScript. */
async function scriptDoors(app: string, tarballs: readonly Tarball[]): Promise<string[]> {
  const doors: string[] = [];
  for (const { pkg } of tarballs) {
    const manifest = await readFile(join(app, "node_modules", pkg.name, "package.json"), "utf8");
    // Proof: the packages check has looked at the manifest; what is no object of conditions has no script.
    const { exports } = JSON.parse(manifest) as { exports: Record<string, { default?: string }> };
    const scripts = Object.entries(exports).filter(([, target]) => /\.[mc]?js$/.test(target.default ?? ""));
    doors.push(...scripts.map(([door]) => `${pkg.name}${door.slice(1)}`));
  }
  return doors;
}

async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const value = await work();
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return value;
}

const majors = process.argv.slice(2).map(Number);
await main(majors.length > 0 ? majors : MAJORS);
