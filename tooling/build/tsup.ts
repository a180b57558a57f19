import type { Options } from "tsup";

/** How every package is bundled: one JS file per door; tsc writes the types beside it. */
export function libraryBuild(entry: Record<string, string> = { index: "src/index.ts" }): Options {
  return {
    entry,
    format: "esm",
    platform: "node",
    target: "node24",
    // TypeScript 7 has no JS compiler API, so tsup cannot make declarations: tsc does.
    dts: false,
    clean: true,
    sourcemap: true,
    splitting: true,
    // tsup would turn "node:sqlite" into "sqlite", which does not exist.
    removeNodeProtocol: false,
  };
}
