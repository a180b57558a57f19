import { readFileSync } from "node:fs";
import { JobManager, jobOperations } from "@spacedrive/jobs";
import { createWire } from "@spacedrive/wire";
import { expect, it } from "vitest";
import { pagePath } from "../src/code-blocks.ts";

it("docs/permissions.md names the grant of every operation of jobs", () => {
  const page = readFileSync(pagePath("docs/permissions.md"), "utf8");
  const operations = jobOperations(new JobManager({ wire: createWire() })).map(({ name }) => name);
  expect(operations.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const named = [...page.matchAll(/`(jobs\.[a-z_]+)`/g)].map((match) => match[1]);
  expect(named.filter((name) => name !== undefined && !operations.includes(name))).toEqual([]);
});
