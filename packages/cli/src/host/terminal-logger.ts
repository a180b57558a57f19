import { isSpacedriveError, type Logger } from "@spacedrive/wire";
import { printableLine } from "../terminal/printable.js";
import type { Terminal } from "../terminal/terminal.js";

/** How weighty a line of the log is. */
export type Level = "debug" | "info" | "warn" | "error";
const ORDER: readonly Level[] = ["debug", "info", "warn", "error"];

/**
 * Shows what the host and its extensions log, one line each, on stderr, from `least` on; SPACEDRIVE_LOG names another
 * level.
 */
export function terminalLogger(terminal: Terminal, least: Level): Logger {
  const from = ORDER.indexOf(ORDER.find((level) => level === process.env["SPACEDRIVE_LOG"]) ?? least);
  const { errColors } = terminal;
  const paint: Readonly<Record<Level, (text: string) => string>> = {
    debug: errColors.dim,
    info: (text) => text,
    warn: errColors.yellow,
    error: errColors.red,
  };
  const at =
    (level: Level) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void => {
      if (ORDER.indexOf(level) < from) return;
      const extension = typeof fields["extension"] === "string" ? fields["extension"] : null;
      const source = extension === null ? "" : `${errColors.dim(`${printableLine(extension)}:`)} `;
      const cause = level === "error" && fields["err"] instanceof Error ? describeCause(fields["err"], message) : "";
      terminal.note(`${source}${paint[level](printableLine(message + cause))}`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** What the message does not say itself. */
function describeCause(error: Error, message: string): string {
  const parts = [
    ...(isSpacedriveError(error) ? [error.code] : []),
    ...(message.includes(error.message) ? [] : [error.message]),
  ];
  return parts.length === 0 ? "" : ` (${parts.join(": ")})`;
}
