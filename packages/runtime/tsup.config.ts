import { libraryBuild } from "@spacedrive/build/tsup";
import { defineConfig } from "tsup";

export default defineConfig([
  // Both are built at the same time: neither may clean away what the other has written.
  {
    ...libraryBuild({ index: "src/index.ts", engine: "src/engine.ts", conformance: "src/conformance.ts" }),
    clean: ["!worker.*"],
  },
  // The worker is one file that needs nothing beside it, so that a bundled program can copy it.
  {
    ...libraryBuild({ worker: "src/guest/worker/worker.ts" }),
    clean: false,
    splitting: false,
    noExternal: [/.*/],
    // Every thread holds its text and what the parser made of it: 0.2 MB less of each.
    minify: true,
  },
]);
