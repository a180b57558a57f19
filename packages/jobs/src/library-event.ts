import { isExtensionId, SpacedriveError } from "@spacedrive/wire";
import { extensionOfType } from "./job-type.js";

/** Something that happened in a library, for which jobs can wait: the last one of its name is kept. */
export interface LibraryEvent {
  /** `<extension>:<event>`, or one of the host's: dotted words such as `app.import_done`. */
  readonly name: string;
  /** Counts the events of this name, from 1. It never goes back. */
  readonly number: number;
  /** JSON text; null: none was given. */
  readonly payload: string | null;
  /** When it was emitted, by the wall clock. */
  readonly at: number;
}

/** What a job waits for: an event of this name with a number above `after`. */
export interface AwaitedEvent {
  readonly name: string;
  readonly after: number;
}

/** Longest payload of an event, as JSON. Name in it what is large, and store that elsewhere. */
export const MAX_EVENT_PAYLOAD_BYTES = 65_536;
/** Names of events that a library keeps of one extension, and of the host. */
export const MAX_EVENT_NAMES = 1_000;

const EXTENSION_EVENT = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const HOST_EVENT = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;
const MAX_NAME = 128;

/** The extension whose event it is; null: the host's. */
export function extensionOfEvent(name: string): string | null {
  return extensionOfType(name);
}

/** @throws SpacedriveError `INVALID_INPUT` where the full name is none that an event can have. */
export function checkEventName(name: string): void {
  const refuse = (reason: string): never => {
    const shown = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…`.toWellFormed() : name;
    throw new SpacedriveError("INVALID_INPUT", `${JSON.stringify(shown)} is not the name of an event: ${reason}`);
  };
  const extension = extensionOfEvent(name);
  if (extension === null) {
    if (!HOST_EVENT.test(name) || name.length > MAX_NAME)
      refuse("the host's are two or more dotted lower-case words, such as app.import_done, at most 128 characters.");
    return;
  }
  if (!isExtensionId(extension)) refuse(`"${extension.slice(0, MAX_NAME)}" is not an extension id.`);
  if (!EXTENSION_EVENT.test(name.slice(extension.length + 1))) {
    refuse("an extension's are letters, digits, _, - and dots, at most 128, beginning with a letter or digit.");
  }
}

/** What a store says to a name beyond those that it may keep of an owner. */
export function tooManyEvents(name: string, maxNames: number): SpacedriveError {
  const extension = extensionOfEvent(name);
  const owner = extension === null ? "the host" : `"${extension}"`;
  return new SpacedriveError(
    "EVENTS_FULL",
    `Event "${name}" was not emitted: the library keeps ${maxNames} names of events of ${owner}, and this would be one more. Emit one name, and tell what differs in its payload.`,
  );
}
