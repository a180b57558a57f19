// For those who open a data directory and work on it.
export { type Core, type CoreOptions, openCore } from "./core.js";
export type { LibraryManager } from "./libraries/library-manager.js";
export type { StoreEvents } from "./libraries/store-events.js";
export type { Library, UnopenedLibrary } from "./libraries/library.js";

// For those who work on a data directory that another process has open.
export {
  connectToHost,
  type HostCallOptions,
  type HostClient,
  type HostClientOptions,
} from "./host-socket/host-client.js";

// The operations, for typed calls: `wire.call(ping, { message: "hello" }, …)`.
export { listLibraries, openLibraryByName, reopenLibrary } from "./libraries/definitions.js";
export { ping } from "./ping/definitions.js";
export {
  addLocation,
  createEntry,
  DEFAULT_IGNORE,
  getEntry,
  listEntries,
  listLocations,
  listSidecars,
  MAX_ENTRIES_PER_REPLY,
  MAX_METADATA_BYTES,
  MAX_READ_BYTES,
  MAX_SIDECAR_BYTES,
  readFile,
  readSidecar,
  updateMetadata,
  writeSidecar,
} from "./vdfs/definitions.js";
export { INDEX_LOCATION_JOB } from "./vdfs/index-location.js";
export type { Entry } from "./vdfs/entry-table.js";
export type { JsonObject } from "./vdfs/json-object.js";
export type { Location } from "./vdfs/location-table.js";

// For those who build a host of their own from these parts.
export { testOperations } from "./ping/handlers.js";
export { checkLibraryName } from "./libraries/library-name.js";
