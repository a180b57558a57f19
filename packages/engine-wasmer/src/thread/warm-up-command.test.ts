import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileWat } from "../../test/compile-wat.js";
import { WARM_UP_COMMAND } from "./warm-up-command.js";

test("the command that warms threads up is the one that its comment shows", async () => {
  const source = await readFile(new URL("./warm-up-command.ts", import.meta.url), "utf8");
  const text = source.slice(source.indexOf("(module"), source.indexOf(" */")).replaceAll(/^ \*/gm, "");
  expect(Buffer.from(await compileWat(text, false)).toString("base64")).toBe(WARM_UP_COMMAND);
});
