import type { Command } from "commander";
import { nonEmpty } from "./non-empty.js";

/** An option that may come several times, each time with one value, which is not empty. */
export function repeatable(value: string, before: readonly string[] = []): string[] {
  return [...before, nonEmpty(value)];
}

/**
 * Lets a repeatable option take several values at once (`--location A B`) without swallowing the arguments of its command:
 * only what comes after all of them is spread, as `--location A --location B`.
 */
export function spreadRepeatedValues(args: readonly string[], command: Command): string[] {
  const options = new Map(
    command.options.flatMap((option) => [option.short, option.long].map((flag) => [flag, option])),
  );
  const spread: string[] = [];
  let open: string | null = null;
  let valueOf: string | null = null;
  let positionals = 0;
  for (const [index, arg] of args.entries()) {
    if (arg === "--") return [...spread, ...args.slice(index)];
    if (valueOf !== null) {
      spread.push(arg);
      valueOf = null;
    } else if (arg.startsWith("-") && arg !== "-") {
      const option = options.get(arg);
      open = option?.parseArg === repeatable ? arg : null;
      valueOf = option?.required === true ? arg : null;
      spread.push(arg);
    } else if (open !== null && positionals >= command.registeredArguments.length) {
      spread.push(open, arg);
    } else {
      positionals += 1;
      spread.push(arg);
    }
  }
  return spread;
}
