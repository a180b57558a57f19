import { toJson } from "@spacedrive/wire";

let last: string | null = null;

/**
 * A job's state as JSON text. That it is JSON need not be checked by parsing it again: {@link takeWritten} knows.
 *
 * @throws SpacedriveError `OPERATION_FAILED` where it has no JSON form.
 */
export function writeState(state: unknown, type: string): string {
  last = toJson(state, `the state of job "${type}"`);
  return last;
}

/** True where this text is what {@link writeState} answered last: then it is JSON, and well-formed. Asked once. */
export function takeWritten(text: string): boolean {
  const isWritten = text === last;
  last = null;
  return isWritten;
}
