import { type Caller, describeCaller, SpacedriveError } from "@spacedrive/wire";
import { checkEventName, extensionOfEvent } from "../library-event.js";

/*
 * Which event a caller means by a name. To an extension a name without dots is its own event, and one with dots the host's;
 * `<extension>:<event>` is the extension's, whatever follows the colon. Everybody else names events in full.
 */

/** @throws SpacedriveError `PERMISSION_DENIED` for an event that is not the extension's own, `INVALID_INPUT`. */
export function eventToEmit(caller: Caller, name: string): string {
  const full = fullName(caller, name);
  if (caller.kind !== "extension" || extensionOfEvent(full) === caller.extension) return checked(full);
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not emit event "${shown(name)}": an extension emits only its own, "${caller.extension}:<event>".`,
  );
}

/** @throws SpacedriveError `PERMISSION_DENIED` for an event of another extension, `INVALID_INPUT`. */
export function eventToAwait(caller: Caller, name: string): string {
  const full = fullName(caller, name);
  const owner = extensionOfEvent(full);
  if (caller.kind !== "extension" || owner === null || owner === caller.extension) return checked(full);
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not know of event "${shown(name)}": an extension knows of its own, "${caller.extension}:<event>", and of the host's, such as "app.import_done".`,
  );
}

function fullName(caller: Caller, name: string): string {
  return caller.kind === "extension" && !/[.:]/.test(name) ? `${caller.extension}:${name}` : name;
}

function checked(name: string): string {
  checkEventName(name);
  return name;
}

function shown(name: string): string {
  return name.length > 128 ? `${name.slice(0, 128)}…`.toWellFormed() : name;
}
