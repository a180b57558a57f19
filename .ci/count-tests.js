// Adds up the JSON reports that vitest left in a folder, one for each package, and names what failed last of all, where a log that
// shows only its end still has it: node .ci/count-tests.js FOLDER
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const folder = process.argv[2] ?? ".";
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  for (const file of report.testResults) {
    for (const test of file.assertionResults.filter(({ status }) => status === "failed")) {
      console.log(`failed: ${relative(".", file.name)} > ${test.fullName}\n  ${head(test.failureMessages.join("\n"))}`);
    }
  }
  // A file that cannot be loaded fails without a test.
  if (!report.success && report.numFailedTests === 0) {
    failed += 1;
    const broken = report.testResults.filter(({ status }) => status === "failed");
    for (const file of broken) console.log(`failed to load: ${relative(".", file.name)}\n  ${head(file.message)}`);
    if (broken.length === 0) console.log(`failed outside of a test: ${name}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = passed > 0 && failed === 0 ? 0 : 1;

function head(message) {
  return String(message).split("\n").slice(0, 12).join("\n  ");
}
