import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the repository's extensions. */
export const EXTENSIONS = fileURLToPath(new URL("../../../../extensions", import.meta.url));

/** The counter extension as it was built. */
export function testExtensionWasm(): string {
  const file = fileURLToPath(
    new URL("../../../../extensions/test-extension/build/test-extension.wasm", import.meta.url),
  );
  if (!existsSync(file)) throw new Error("extensions/test-extension is not built. Run `pnpm build` first.");
  return file;
}
