import type { PackageSpecs } from "./package-source.js";

// The versions that the platform's own packages are built and tested with.
const ASSEMBLYSCRIPT = "0.28.20";
const NODE_TYPES = "^26.6.6";
const VITEST = "^5.1.1";

export interface ProjectPackage {
  readonly name: string;
  readonly specs: PackageSpecs;
  /** A Node that the project brings itself, because the system's is too old. */
  readonly node: string | null;
}

/** The package.json of a new extension. */
export function projectPackageJson({ name, specs, node }: ProjectPackage): string {
  const devDependencies = {
    ...Object.fromEntries(specs),
    "@types/node": NODE_TYPES,
    assemblyscript: ASSEMBLYSCRIPT,
    ...(node === null ? {} : { node }),
    vitest: VITEST,
  };
  const fromFiles = [...specs].filter(([, spec]) => spec.startsWith("file:"));
  const content = {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: {
      build: "sdx build",
      check: "sdx check",
      test: "sdx build && vitest run",
    },
    devDependencies,
    // Its install script fetches the binary, and npm runs only those that are allowed.
    ...(node === null ? {} : { allowScripts: { node: true } }),
    // What these packages need of each other comes from the same files, not from a registry.
    ...(fromFiles.length === 0 ? {} : { overrides: Object.fromEntries(fromFiles.map(([key]) => [key, `$${key}`])) }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
