import { displayWidth, padWidth } from "./display-width.js";
import { printableLine } from "./printable.js";

/** Rows in aligned columns, two spaces apart, the last column not padded. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = [header, ...rows].map((row) => row.map(printableLine));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  return cells.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : padWidth(cell, widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** Name and value in two columns, with the names in front. */
export function formatFields(fields: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...fields.map(([name]) => displayWidth(name)));
  return fields.map(([name, value]) => `${padWidth(name, width)}  ${printableLine(value)}`);
}
