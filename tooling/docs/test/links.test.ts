import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { deadLinks, pagesOf } from "../src/links.ts";

const pages = pagesOf([
  "README.md",
  "CONTRIBUTING.md",
  "docs/**/*.md",
  "packages/*/README.md",
  "examples/*/README.md",
  "extensions/*/README.md",
]);

it("looks at the pages that people read first", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/abi.md", "packages/cli/README.md"]));
});

it.each(pages)("%s: every relative link leads to what is there", (page) => {
  expect(deadLinks(page)).toEqual([]);
});

it("finds each kind of link that leads nowhere, and no other", async () => {
  const folder = await mkdtemp(join(tmpdir(), "links-"));
  await mkdir(join(folder, "docs"));
  await writeFile(join(folder, "docs/other.md"), "# Other page\n\n## What `it` does, and why\n");
  const lines = [
    "[a page](docs/other.md) [a folder](docs) [a heading](docs/other.md#what-it-does-and-why) [`here`](#links)",
    "[the web](https://example.org/none) `[code](none.md)`",
    "```\n[code](none.md)\n```",
    '[a file](none.md) ![an image](none.png "with a title") [a heading](docs/other.md#none) [here](#none)',
    "[from the root](/docs/other.md) [nothing]() [named]",
    "",
    "[named]: none/named.md",
    "# Links",
  ];
  await writeFile(join(folder, "page.md"), lines.join("\n"));
  const targets = deadLinks("page.md", folder).map(({ target }) => target);
  await rm(folder, { recursive: true });
  expect(targets).toEqual([
    "none.md",
    "none.png",
    "docs/other.md#none",
    "#none",
    "/docs/other.md",
    "",
    "none/named.md",
  ]);
});
