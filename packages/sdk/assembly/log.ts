import { spacedrive_log } from "./env";
import { firstText } from "./guest/text-buffer";

function write(level: u32, message: string): void {
  firstText.set(message);
  spacedrive_log(level, firstText.pointer, firstText.length);
}

/** Lines in the host's log, under the extension's name. A context has the same as methods. */
export namespace log {
  export function debug(message: string): void {
    write(0, message);
  }
  export function info(message: string): void {
    write(1, message);
  }
  export function warn(message: string): void {
    write(2, message);
  }
  export function error(message: string): void {
    write(3, message);
  }
}
