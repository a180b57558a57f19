import { parseMethodGrant } from "@spacedrive/runtime";
import { isSpacedriveError } from "@spacedrive/wire";
import { usageError } from "../usage-error.js";

/**
 * Refuses a `--grant` that is none before anything is opened: what is granted is remembered, and would be in the way of
 * every command after this one.
 *
 * @throws CommanderError (exit 2).
 */
export function checkGrantPatterns(patterns: readonly string[] = []): void {
  for (const pattern of patterns) {
    try {
      parseMethodGrant(pattern);
    } catch (error) {
      throw isSpacedriveError(error) ? usageError(`--grant: ${error.message}`) : error;
    }
  }
}
