#!/usr/bin/env node
// This file parses on every Node that knows modules, so that an old one gets a sentence instead of a syntax error.
const NEEDED = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major < NEEDED) {
  process.stderr.write(
    `abi-kit needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org, then run it again.\n`,
  );
  process.exitCode = 2;
} else {
  import("../dist/main.js").catch((error) => {
    process.stderr.write(`abi-kit: ${error.stack}\n`);
    process.exitCode = 2;
  });
}
