import { CommanderError } from "commander";
import { EXIT } from "./exit-code.js";

/** The error of a command line that is not understood: the message goes to stderr, the command ends with 2. */
export function usageError(message: string): CommanderError {
  return new CommanderError(EXIT.usage, "sdx.usage", message);
}
