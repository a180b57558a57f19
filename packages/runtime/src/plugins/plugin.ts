import type { Manifest } from "./manifest/manifest-schema.js";

/** How a bare export is called. */
export interface PluginCallOptions {
  /** Id of the library that the instance serves. Default: none. */
  readonly library?: string | null;
  /** Gives the call up, and the instance with it. */
  readonly signal?: AbortSignal;
  /** Milliseconds, more than 0; never more than are left to whoever waits for the call. Default: the guest's limit. */
  readonly timeoutMs?: number;
}

/** A loaded extension. It stays valid over reloads, and shows the version that serves. */
export interface Plugin {
  readonly id: string;
  readonly manifest: Manifest;
  /** The extension's folder. */
  readonly folder: string;
  /** Milliseconds since the Unix epoch at which this version was loaded. */
  readonly loadedAt: number;
  /** Types of its jobs: `<extension>:<job>`. */
  readonly jobs: readonly string[];
  /** Method strings of its operations. */
  readonly operations: readonly string[];
  /**
   * Calls an export `() -> ()` or `() -> i32`, and answers what it returned (0 for nothing).
   *
   * @throws SpacedriveError `EXTENSION_NOT_LOADED`, `EXPORT_NOT_FOUND`, `LIBRARY_NOT_FOUND`, `LIBRARY_ACCESS_DENIED`, `BUSY`,
   * and what can befall a guest: `GUEST_TRAPPED`, `TIMEOUT`, `CANCELLED`, `GUEST_MEMORY_LIMIT`, `UNLOADED`.
   */
  call(exportName: string, options?: PluginCallOptions): Promise<number>;
}
