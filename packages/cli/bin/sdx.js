#!/usr/bin/env node
// This file parses on every Node that knows modules, so that an old one gets a sentence instead of a syntax error.
const NEEDED = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major < NEEDED) {
  process.stderr.write(
    `sdx needs Node ${NEEDED} or newer, and this is Node ${process.versions.node}. Install a newer one from https://nodejs.org, then run it again.\n`,
  );
  process.exitCode = 1;
} else {
  import("../dist/main.js").catch((error) => {
    const unbuilt = error.code === "ERR_MODULE_NOT_FOUND" && String(error.message).includes("dist/main.js");
    process.stderr.write(unbuilt ? "sdx: this checkout is not built yet. Run: npm start\n" : `sdx: ${error.stack}\n`);
    process.exitCode = 1;
  });
}
