import { readFileSync } from "node:fs";
import { parseJson, toSpacedriveError } from "@spacedrive/wire";
import { findJsonFault } from "./json-fault.js";
import { usageError } from "./usage-error.js";

/**
 * The value of an argument that holds JSON, `@file`, or, where `stdin` is allowed, `-`.
 *
 * @throws CommanderError (exit 2) with line and column where it is not JSON, or where the file cannot be read.
 */
export function readJsonArgument(argument: string, what: string, options: { readonly stdin?: boolean } = {}): unknown {
  const source = sourceOf(argument, what, options.stdin === true);
  try {
    return parseJson(source.text, source.name);
  } catch {
    const fault = findJsonFault(source.text);
    if (fault === null) throw usageError(`${source.name} is not valid JSON.`);
    const before = source.text.slice(0, fault.offset).split("\n");
    const column = (before.at(-1) ?? "").length + 1;
    throw usageError(
      `${source.name} is not valid JSON at line ${before.length}, column ${column} (position ${fault.offset}): ${fault.reason}.`,
    );
  }
}

function sourceOf(argument: string, what: string, stdin: boolean): { text: string; name: string } {
  if (argument === "-" && stdin) return { text: readText(0, "standard input"), name: `${what} from standard input` };
  if (!argument.startsWith("@")) return { text: argument, name: what };
  const path = argument.slice(1);
  return { text: readText(path, `"${path}"`), name: `${what} in "${path}"` };
}

function readText(path: string | number, name: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (thrown) {
    const { cause } = toSpacedriveError(thrown, "NOT_FOUND", name);
    throw usageError(`cannot read ${name}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
