import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";
import { RunningSdx, sdx, temporaryFolder } from "./sdx.js";

const bin = fileURLToPath(new URL("../bin/sdx.js", import.meta.url));
const hello = inject("hello");
const many = JSON.stringify({ names: Array.from({ length: 600 }, (_, index) => `guest ${index}`) });

it("pauses a job whose reader went away", async () => {
  using temporary = temporaryFolder();
  const data = join(temporary.path, "data");
  const running = new RunningSdx(["run", hello, "--state", many, "--data-dir", data, "--json"]);
  await running.until(({ stdout }) => stdout.includes('"checkpoint":3'));
  running.child.stdout?.destroy();
  const { code, stderr } = await running.result();
  expect(stderr).not.toContain("EPIPE");
  expect(code).toBe(4);
  const listed = await sdx(["jobs", "ls", "--json", "--data-dir", data]);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ type: "hello:greet_all", status: "paused" }]);
});

// A device of Linux that is always full.
it.runIf(existsSync("/dev/full"))("says in a line that there is no room for what it prints", async () => {
  const shell = promisify(execFile)("sh", ["-c", '"$0" "$1" --help > /dev/full', process.execPath, bin]);
  const stderr: unknown = expect.stringMatching(/^sdx: what it prints cannot be written: ENOSPC.*\n$/);
  await expect(shell).rejects.toMatchObject({ code: 1, stderr });
});
