import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { HOST_FUNCTION_SIGNATURES } from "../src/abi/host-function-signatures.js";
import { RecordingHost } from "../src/guest/conformance/recording-host.js";
import { DEFAULT_GUEST_LIMITS } from "../src/guest/limits.js";
import { createWorkerEngine } from "../src/guest/worker/worker-engine.js";
import { compileWat } from "./compile-wat.js";

const page = readFileSync(new URL("../../../docs/abi.md", import.meta.url), "utf8");

describe("docs/abi.md", () => {
  test("has every host function with its signature, and no other", () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| `([a-z0-9_:, ]+)` \| (?:`(\w+)`[a-z ]*)?\|$/gm)].map(
      ([, name, parameters, result]) => {
        const types = (parameters ?? "").split(", ").map((parameter) => parameter.split(": ")[1]);
        return [name, `(${types.join(", ")}) -> ${result ?? "()"}`];
      },
    );
    expect(rows).toEqual([...HOST_FUNCTION_SIGNATURES]);
  });

  test("names every limit", () => {
    for (const name of Object.keys(DEFAULT_GUEST_LIMITS)) expect(page).toContain(`\`${name}\``);
  });

  test("shows a guest that runs", async () => {
    const [, text = ""] = /```wat\n([^`]+)```/.exec(page) ?? [];
    await using engine = createWorkerEngine();
    const host = new RecordingHost();
    await (await engine.compile("page", await compileWat(text), DEFAULT_GUEST_LIMITS)).start(host);
    expect(host.logs).toEqual([{ level: "info", message: "hello from WebAssembly" }]);
  });
});
