import { HOSTILE_BODIES } from "./hostile-bodies.js";
import type { HostileModule } from "./hostile-module.js";
import { HOSTILE_SECTIONS } from "./hostile-sections.js";

/** Every module that wants to hurt its host. */
export const HOSTILE_MODULES: readonly HostileModule[] = [...HOSTILE_BODIES, ...HOSTILE_SECTIONS];
