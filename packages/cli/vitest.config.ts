import { packageTests } from "@spacedrive/build/vitest";
import { defineConfig, mergeConfig } from "vitest/config";

export default mergeConfig(packageTests(), defineConfig({ test: { globalSetup: "test/hello.ts" } }));
