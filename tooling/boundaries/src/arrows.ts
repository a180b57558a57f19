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
    "packages/engine-wasmer": ["packages/wire", "packages/runtime"],
    "packages/testkit": [...RUNNABLE, "packages/engine-wasmer", "packages/sdk"],
    "packages/abi-kit": ["packages/wire", "packages/runtime", "packages/engine-wasmer", "packages/sdk"],
    "packages/cli": [...RUNNABLE, "packages/engine-wasmer", "packages/sdk"],
    "extensions/*": ["packages/sdk", "packages/testkit", "packages/cli"],
    "examples/assemblyscript-guest": [],
    "examples/guest-suite": ["packages/runtime", "packages/engine-wasmer", "packages/testkit"],
    "examples/*": [
      ...RUNNABLE,
      "examples/assemblyscript-guest",
      "examples/guest-suite",
      "packages/engine-wasmer",
      "packages/cli",
      "packages/sdk",
      "packages/testkit",
      "extensions/*",
    ],
    "tooling/bench": [...RUNNABLE, "packages/engine-wasmer", "packages/cli", "packages/sdk", "extensions/*"],
    "tooling/docs": [...RUNNABLE, "packages/cli", "packages/sdk", "packages/testkit", "extensions/*"],
    "tooling/demo": [...RUNNABLE, "packages/cli", "extensions/*"],
    "tooling/kill-matrix": [...RUNNABLE, "extensions/*"],
    "tooling/boundaries": ["tooling/rename-scope"],
    "tooling/packages": [],
    "tooling/rename-scope": [],
    "tooling/build": ["tooling/tsconfig"],
    "tooling/tsconfig": [],
  },
  settings: ["tooling/build", "tooling/tsconfig"],
  zones: {
    "packages/wire": { ".": [] },
    "packages/jobs": {
      ".": [],
      database: [],
      // The manager and the journal know the ports of the stores and no store.
      "store/job-store.ts": ["."],
      "store/host-records.ts": ["."],
      store: [".", "database", "store/job-store.ts", "store/host-records.ts"],
      journal: [".", "store/job-store.ts", "store/host-records.ts"],
      manager: [".", "journal", "store/job-store.ts", "store/host-records.ts"],
      operations: [".", "manager"],
      "conformance.ts": ["store"],
    },
    "packages/runtime": {
      // The port knows no engine, no engine knows plugins, and the guard of calls stands before both.
      guest: [],
      abi: ["guest"],
      "guest/worker": ["guest", "abi"],
      "guest/inline": ["guest", "abi"],
      host: [],
      // For what makes the text of an extension printable.
      "plugins/manifest": ["guest"],
      permissions: ["plugins/manifest"],
      jobs: ["guest"],
      "engine.ts": ["guest", "guest/worker", "abi"],
      "conformance.ts": ["guest"],
      plugins: ["guest", "guest/worker", "guest/inline", "abi", "host", "jobs", "permissions", "plugins/manifest"],
    },
    "packages/core": {
      paths: [],
      ".": ["paths"],
      ping: [],
      libraries: ["paths"],
      vdfs: ["paths", "libraries"],
      "host-socket": ["paths"],
      "core.ts": [".", "host-socket", "libraries", "paths", "ping", "vdfs"],
    },
    "packages/sdk": {
      // What runs in the guest and what runs in the compiler share nothing.
      assembly: [],
      transform: [],
    },
    "packages/engine-wasmer": {
      // The protocol knows no transport, and admission runs before either.
      protocol: [],
      preview1: [],
      admission: ["preview1"],
      watch: ["preview1"],
      thread: ["protocol", "preview1", "watch"],
      ".": ["admission"],
    },
    "packages/testkit": { ".": [] },
    "packages/abi-kit": {
      vectors: [],
      // What proves a host knows none.
      host: ["vectors"],
      runtime: ["host", "vectors"],
      wasi: ["host", "runtime", "vectors"],
      guest: [],
      bin: [],
      ".": ["guest", "host", "runtime", "vectors", "wasi"],
    },
    "packages/cli": {
      ".": [],
      bin: [],
      terminal: [],
      extension: ["."],
      compile: [".", "extension", "terminal"],
      host: [".", "compile", "extension", "terminal"],
      create: [".", "terminal"],
      check: [".", "extension", "terminal"],
      inspect: [".", "extension", "terminal"],
      test: [".", "extension", "terminal"],
      run: [".", "extension", "host", "terminal"],
      call: [".", "extension", "host", "terminal"],
      jobs: [".", "extension", "host", "run", "terminal"],
      "command-line.ts": [".", "call", "check", "compile", "create", "inspect", "jobs", "run", "terminal", "test"],
      "main.ts": [".", "command-line.ts", "terminal"],
    },
  },
  // The transform runs in a compiler and knows no Wire.
  jsonParse: ["packages/wire/src/envelope.ts", "packages/sdk/transform/index.ts"],
  defaultExports: ["*.config.ts", "packages/sdk/transform/index.ts"],
};
