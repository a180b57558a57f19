import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { relay, watGuest } from "./wat-guest.js";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

it("the README's program runs, and exits by itself", async () => {
  const readme = await readFile(path.join(packageFolder, "README.md"), "utf8");
  const program = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  await mkdir(path.join(packageFolder, "build"), { recursive: true });
  // Inside the package, so that it finds the package by its name.
  const folder = await mkdtemp(path.join(packageFolder, "build", "readme-"));
  try {
    const extension = path.join(folder, "extensions/greeter");
    await mkdir(extension, { recursive: true });
    await writeFile(
      path.join(extension, "greeter.wasm"),
      await watGuest((t) => relay(t, "query_greeting_v1", "query:weather.today.v1")),
    );
    const greeting = {
      kind: "query",
      name: "greeting",
      scope: "host",
      export: "query_greeting_v1",
      input: {},
      output: {},
    };
    const manifest = {
      id: "greeter",
      name: "Greeter",
      version: "0.1.0",
      wasm_file: "greeter.wasm",
      operations: [greeting],
    };
    await writeFile(
      path.join(extension, "manifest.json"),
      JSON.stringify({ ...manifest, permissions: { methods: ["weather."] } }),
    );
    await writeFile(path.join(folder, "program.ts"), program);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["program.ts"], { cwd: folder });
    expect({ stdout, stderr }).toEqual({ stdout: "{ celsius: 4 }\n", stderr: "" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
