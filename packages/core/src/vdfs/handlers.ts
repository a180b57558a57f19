import type { Operation } from "@spacedrive/wire";
import type { VdfsBackend } from "./backend.js";
import { entryOperations } from "./entry-handlers.js";
import { locationOperations } from "./location-handlers.js";
import { sidecarOperations } from "./sidecar-handlers.js";

/** The operations `vdfs.*`. */
export function vdfsOperations(backend: VdfsBackend): Operation[] {
  return [...entryOperations(backend), ...sidecarOperations(backend), ...locationOperations(backend)];
}
