import { InvalidArgumentError } from "commander";

/** An option's value as it is; a script's variable that is not set would else name the current folder. */
export function nonEmpty(value: string): string {
  if (value === "") throw new InvalidArgumentError("It is empty.");
  return value;
}
