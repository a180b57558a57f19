import { describe, expect, it } from "vitest";
import { sdx, temporaryFolder } from "./sdx.js";

const COMMANDS = [
  ["create"],
  ["build"],
  ["check"],
  ["inspect"],
  ["run"],
  ["call"],
  ["jobs"],
  ["jobs", "ls"],
  ["jobs", "show"],
  ["jobs", "pause"],
  ["jobs", "resume"],
  ["jobs", "cancel"],
  ["jobs", "retry"],
];

describe("help", () => {
  it("names every command and the exit codes", async () => {
    const { code, stdout, stderr } = await sdx(["--help"]);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const name of ["create", "build", "check", "inspect", "run", "call", "jobs"])
      expect(stdout).toContain(`  ${name} `);
    expect(stdout).toContain("4 paused");
  });

  it.each(COMMANDS)("shows an example of %s %s", async (...command) => {
    const { code, stdout } = await sdx([...command.filter((part) => part !== undefined), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  sdx ${command.join(" ").trim()}`);
  });

  it("has no colour where stdout is no terminal", async () => {
    expect((await sdx(["--help"])).stdout).not.toContain("\u001b");
  });
});

describe("usage errors end with 2, on stderr alone", () => {
  it.each([
    ["no command", []],
    ["an unknown command", ["launch"]],
    ["an unknown option", ["build", "--fast"]],
    ["a missing argument", ["run"]],
    ["an argument too many", ["check", "a", "b"]],
    ["an unknown subcommand", ["jobs", "start"]],
    ["something that is no job id", ["jobs", "show", "no id"]],
    ["a name that cannot be an extension's", ["create", "My Tool"]],
    ["an empty name of an extension", ["create", ""]],
    ["an empty data directory", ["jobs", "ls", "--data-dir", ""]],
    ["an empty library", ["call", "query:test.ping.v1", "--library="]],
    ["an empty location", ["run", ".", "--location", ""]],
    ["an empty extension", ["call", "query:test.ping.v1", "--extension", ""]],
    ["a grant that is none", ["call", "query:test.ping.v1", "--grant", "*"]],
  ])("for %s", async (_what, args) => {
    const { code, stdout, stderr } = await sdx(args, { env: { SPACEDRIVE_DATA_DIR: "/nonexistent/never-made" } });
    expect(stdout).toBe("");
    expect(stderr).not.toBe("");
    expect(code).toBe(2);
  });
});

it.each([
  ["run", ["run"]],
  ["jobs", ["jobs", "start"]],
  ["jobs show", ["jobs", "show"]],
])("points at the help of sdx %s", async (command, args) => {
  expect((await sdx(args)).stderr).toContain(`Try: sdx ${command} --help\n`);
});

it("says how to come to an extension where a folder is none", async () => {
  using temporary = temporaryFolder();
  const { stderr, code } = await sdx(["check", temporary.path]);
  expect(stderr).toContain("or make one: sdx create <name>");
  expect(code).toBe(1);
});

it("says which Node it needs when an older one runs it", async () => {
  const older = "data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.11.0'}})";
  const { code, stdout, stderr } = await sdx(["--help"], { env: { NODE_OPTIONS: `--import=${older}` } });
  expect(stderr).toBe(
    "sdx needs Node 24 or newer, and this is Node 20.11.0. Install a newer one from https://nodejs.org, then run it again.\n",
  );
  expect(stdout).toBe("");
  expect(code).toBe(1);
});
