import { homedir } from "node:os";
import { join, resolve } from "node:path";

/**
 * Where libraries lie: what the command line names, else SPACEDRIVE_DATA_DIR, else the platform's own place for a user's
 * data.
 */
export function resolveDataDir(named: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = named ?? nonEmpty(environment["SPACEDRIVE_DATA_DIR"]);
  return chosen === undefined ? platformDataDir(process.platform, homedir(), environment) : resolve(chosen);
}

export function platformDataDir(platform: NodeJS.Platform, home: string, environment: NodeJS.ProcessEnv): string {
  if (platform === "darwin") return join(home, "Library", "Application Support", "spacedrive");
  if (platform === "win32")
    return join(nonEmpty(environment["LOCALAPPDATA"]) ?? join(home, "AppData", "Local"), "spacedrive");
  return join(nonEmpty(environment["XDG_DATA_HOME"]) ?? join(home, ".local", "share"), "spacedrive");
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
