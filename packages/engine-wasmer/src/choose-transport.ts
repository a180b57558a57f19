import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { parseJson, SpacedriveError } from "@spacedrive/wire";

/** What runs a command: our own preview1, or @wasmer/sdk. The README says what each protects against. */
export type WasiTransport = "shim" | "wasmer";

/** The version that is watched: another runs its guests in another way. */
const SDK_VERSION = "0.16.0";

/** @throws SpacedriveError `NOT_FOUND` where the SDK was asked for and is not there in its version. */
export function chooseTransport(asked: WasiTransport | undefined, installed: string | null): WasiTransport {
  if (asked === "wasmer" && installed !== SDK_VERSION) {
    const found = installed === null ? "it is not installed" : `version ${installed} is installed`;
    throw new SpacedriveError(
      "NOT_FOUND",
      `Commands cannot run on @wasmer/sdk ${SDK_VERSION}: ${found}. Install it (npm install @wasmer/sdk@${SDK_VERSION}), or pass transport: "shim".`,
    );
  }
  return asked ?? (installed === SDK_VERSION ? "wasmer" : "shim");
}

/** The version of the SDK that is installed beside this package; null where there is none. */
export function installedSdkVersion(): string | null {
  try {
    const entry = pathToFileURL(createRequire(import.meta.url).resolve("@wasmer/sdk/node"));
    const manifest = parseJson(readFileSync(new URL("../package.json", entry), "utf8"), "package.json of @wasmer/sdk");
    const isObject = typeof manifest === "object" && manifest !== null && "version" in manifest;
    return isObject && typeof manifest.version === "string" ? manifest.version : null;
  } catch {
    return null;
  }
}
