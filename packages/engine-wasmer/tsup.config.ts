import { libraryBuild } from "@spacedrive/build/tsup";
import { defineConfig } from "tsup";

export default defineConfig([
  // All are built at the same time: none may clean away what another has written.
  { ...libraryBuild(), clean: ["!worker.*", "!wasmer-worker.*", "!wasmer-thread.*"] },
  // The worker is one file that needs nothing beside it, so that a bundled program can copy it.
  { ...libraryBuild({ worker: "src/thread/worker.ts" }), clean: false, splitting: false, noExternal: [/.*/] },
  // The peer stays where it is installed: it has files of its own beside it.
  {
    ...libraryBuild({ "wasmer-worker": "src/thread/wasmer-worker.ts", "wasmer-thread": "src/thread/wasmer-thread.ts" }),
    clean: false,
    splitting: false,
    noExternal: [/^@spacedrive\//],
    external: [/^@wasmer\//],
  },
]);
