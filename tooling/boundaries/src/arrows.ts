/**
 * The drawing of the repository as one table: who may import whom. What is not here is refused, and a type import is an
 * import. The check refuses a table that goes round in a circle.
 */
export interface Arrows {
  /** Workspace folders (`extensions/*` stands for each of them) and the workspace folders that they may use. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** What every other workspace folder may use: shared settings without a runtime. */
  readonly settings: readonly string[];
  /**
   * For each published package: its zones and the zones that they may import. A zone is a folder, or a single file, named
   * from the package's folder without `src/`; the longest name wins. `.` is what lies directly in `src/`. `index.ts` is no
   * zone: it is the door, may import every zone, and is imported by none.
   */
  readonly zones: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  /** The only files of published packages that may use `JSON.parse`. */
  readonly jsonParse: readonly string[];
  /** Files that may have a default export, because a tool asks for one. Here `*` is any run of characters but a slash. */
  readonly defaultExports: readonly string[];
}

const RUNNABLE = ["packages/wire", "packages/jobs", "packages/runtime", "packages/core", "packages/ai", "packages/net"];

export const ARROWS: Arrows = {
  packages: {
    "packages/wire": [],
    "packages/jobs": ["packages/wire"],
    "packages/runtime": ["packages/wire", "packages/jobs"],
    "packages/core": ["packages/wire", "packages/jobs"],
    "packages/ai": ["packages/wire"],
    "packages/net": ["packages/wire"],
    "packages/sdk": [],
    "packages/engine-wasmer": ["packages/runtime"],
    "packages/testkit": [...RUNNABLE, "packages/engine-wasmer", "packages/sdk"],
    "packages/cli": [...RUNNABLE, "packages/engine-wasmer", "packages/sdk"],
    "extensions/*": ["packages/sdk", "packages/testkit", "packages/cli"],
    "examples/*": [...RUNNABLE, "packages/engine-wasmer", "packages/cli", "packages/sdk", "extensions/*"],
    "tooling/bench": [...RUNNABLE, "packages/engine-wasmer", "packages/cli", "packages/sdk", "extensions/*"],
    "tooling/docs": [...RUNNABLE, "packages/cli", "packages/sdk", "packages/testkit", "extensions/*"],
    "tooling/demo": [...RUNNABLE, "packages/cli", "extensions/*"],
    "tooling/boundaries": ["tooling/rename-scope"],
    "tooling/packages": ["tooling/rename-scope"],
    "tooling/rename-scope": [],
    "tooling/build": ["tooling/tsconfig"],
    "tooling/tsconfig": [],
  },
  settings: ["tooling/build", "tooling/tsconfig"],
  zones: {
    "packages/wire": { ".": [] },
    "packages/runtime": {
      // The port knows no engine, the engines know no plugins, and nothing knows PluginManager.
      guest: [],
      abi: ["guest"],
      "guest/worker": ["guest", "abi"],
      "guest/inline": ["guest", "abi"],
      permissions: [],
      jobs: ["guest", "permissions"],
      plugins: ["guest", "guest/worker", "guest/inline", "abi", "permissions", "jobs"],
    },
    "packages/cli": { ".": [], bin: [] },
  },
  jsonParse: ["packages/wire/src/envelope.ts"],
  defaultExports: ["*.config.ts", "packages/sdk/transform/index.ts"],
};
