import type { ViteUserConfig } from "vitest/config";

/** What every package's tests share. */
export function packageTests(): ViteUserConfig {
  return {
    test: {
      include: ["src/**/*.test.ts", "test/**/*.test.ts"],
      // The persistent module cache can serve a stale wasm.
      fsModuleCache: false,
      testTimeout: 20_000,
    },
  };
}
