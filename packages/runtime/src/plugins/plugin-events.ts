import type { SpacedriveError } from "@spacedrive/wire";

/** The events of a `PluginManager`, by name. */
export interface PluginEvents {
  readonly "plugin-loaded": [event: { readonly id: string; readonly version: string }];
  readonly "plugin-unloaded": [event: { readonly id: string; readonly version: string }];
  readonly "plugin-reloaded": [
    event: { readonly id: string; readonly version: string; readonly previousVersion: string },
  ];
  /** A load or a reload failed; after a failed reload the old version serves. */
  readonly "plugin-failed": [
    event: { readonly id: string; readonly during: "load" | "reload"; readonly error: SpacedriveError },
  ];
}
