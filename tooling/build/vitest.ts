import { basename, dirname, join } from "node:path";
import type { ViteUserConfig } from "vitest/config";

/** What every package's tests share. */
export function packageTests(): ViteUserConfig {
  return {
    test: {
      include: ["src/**/*.test.ts", "test/**/*.test.ts"],
      // The persistent module cache can serve a stale wasm.
      fsModuleCache: false,
      // For what hangs, and not for what is slow on a machine that has other things to do.
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // Names are promises: those that come from a list are told whole, too.
      taskTitleValueFormatTruncate: 0,
      reporters: ["default", ...resultsForCi()],
    },
  };
}

/** .ci/run asks for a file of results from every package, and adds them up. */
function resultsForCi(): ["json", { outputFile: string }][] {
  const folder = process.env["TEST_RESULTS_DIR"];
  if (folder === undefined) return [];
  const here = process.cwd();
  return [["json", { outputFile: join(folder, `${basename(dirname(here))}-${basename(here)}.json`) }]];
}
