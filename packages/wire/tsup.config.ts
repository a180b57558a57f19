import { libraryBuild } from "@spacedrive/build/tsup";
import { defineConfig } from "tsup";

export default defineConfig(libraryBuild({ index: "src/index.ts", testing: "src/testing.ts" }));
