import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { pagePath } from "../src/code-blocks.ts";

// Each example is there to be copied whole, so each has its own.
it("the JSON readers of the two extensions in AssemblyScript without the SDK are one", () => {
  const [bare = "", wasi = ""] = ["bare", "wasi"].map((kind) =>
    readFileSync(pagePath(`examples/${kind}-assemblyscript-extension/assembly/json.ts`), "utf8"),
  );
  expect(bare).not.toBe("");
  expect(wasi).toBe(bare);
});
