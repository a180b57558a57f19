import { libraryBuild } from "@spacedrive/build/tsup";
import { defineConfig } from "tsup";

export default defineConfig(
  libraryBuild({
    index: "src/index.ts",
    main: "src/main.ts",
    "runtime-host": "src/runtime/runtime-host.ts",
    "wasi-host": "src/wasi/wasi-host.ts",
    "guest-check-worker": "src/guest/guest-check-worker.ts",
    "wasi-guest-worker": "src/guest/wasi/wasi-guest-worker.ts",
  }),
);
