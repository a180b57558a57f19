import { printableLine } from "../terminal/printable.js";
import { formatBytes, formatCount } from "../terminal/quantity.js";
import { formatFields, formatTable } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { type Inspection, methodOf } from "./inspection.js";

/** The page of `sdx inspect`, for people. */
export function inspectionPage(inspection: Inspection, terminal: Terminal): string[] {
  const { module, manifest, file } = inspection;
  const { min, max } = { min: module.memory.minPages, max: module.memory.maxPages };
  const lines: string[] = [];
  const fields: [string, string][] = [
    ["file", file],
    ["size", `${formatBytes(module.bytes)} (${module.bytes} bytes)`],
    ["memory", `${formatCount(min, "page")} at start, ${max === null ? "no maximum of its own" : `at most ${max}`}`],
  ];
  if (manifest !== null) {
    lines.push(
      terminal.outColors.bold(`${printableLine(manifest.name)} (${manifest.id} ${printableLine(manifest.version)})`),
    );
    if (manifest.description !== "") lines.push(printableLine(manifest.description));
    fields.push(manifest.engine === "wasi" ? ["engine", "wasi"] : ["abi", `${manifest.abi}`]);
    const { methods, libraries, rate_limits, network_access, max_memory_mb } = manifest.permissions;
    fields.push(["asks to call", methods.length === 0 ? "nothing" : methods.join(", ")]);
    fields.push(["asks libraries", libraries.join(", ")]);
    const { requests_per_minute, concurrent_jobs } = rate_limits;
    fields.push([
      "asks rates",
      `${formatCount(requests_per_minute, "call")} a minute, ${formatCount(concurrent_jobs, "job")} at once`,
    ]);
    if (network_access.length > 0) fields.push(["asks hosts", network_access.join(", ")]);
    if (max_memory_mb !== undefined) fields.push(["asks memory", `${max_memory_mb} MB`]);
  }
  lines.push(...formatFields(fields));

  const section = (title: string, table: string[]): void => {
    if (table.length > 1) lines.push("", terminal.outColors.bold(title), ...table.map((line) => `  ${line}`));
  };
  section(
    "Jobs",
    formatTable(
      ["NAME", "EXPORT", "RESUMABLE"],
      (manifest?.jobs ?? []).map((job) => [job.name, job.export, job.resumable === false ? "no" : "yes"]),
    ),
  );
  section(
    "Operations",
    formatTable(
      ["METHOD", "EXPORT", "SCOPE"],
      (manifest?.operations ?? []).map((operation) => [
        methodOf(manifest, operation),
        operation.export,
        operation.scope,
      ]),
    ),
  );
  section(
    "Imports",
    formatTable(
      ["MODULE", "NAME", "SIGNATURE"],
      module.imports.map((one) => [one.module, one.name, one.signature]),
    ),
  );
  section(
    "Exports",
    formatTable(
      ["NAME", "SIGNATURE"],
      module.exports.map((one) => [one.name, one.signature]),
    ),
  );
  return lines;
}
