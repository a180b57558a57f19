import { libraryBuild } from "@spacedrive/build/tsup";
import { defineConfig } from "tsup";

export default defineConfig(libraryBuild({ index: "transform/index.ts" }));
