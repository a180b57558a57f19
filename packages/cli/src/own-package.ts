import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "@spacedrive/wire";
import { z } from "zod";

const packageSchema = z.object({ name: z.string(), version: z.string() });

/** What this package says of itself. */
export interface OwnPackage {
  readonly folder: string;
  readonly version: string;
  /** The npm scope that it and its siblings are published under, with the @. */
  readonly scope: string;
  /** The workspace that it is part of, where it runs from a checkout; null where it was installed. */
  readonly checkout: string | null;
}

export function readOwnPackage(): OwnPackage {
  // dist/ and src/ both lie one folder below.
  const folder = realpathSync(join(dirname(fileURLToPath(import.meta.url)), ".."));
  const text = readFileSync(join(folder, "package.json"), "utf8");
  const { name, version } = packageSchema.parse(parseJson(text, "sdx's own package.json"));
  const root = join(folder, "..", "..");
  return {
    folder,
    version,
    scope: name.slice(0, name.indexOf("/")),
    checkout: existsSync(join(root, "pnpm-workspace.yaml")) ? root : null,
  };
}
