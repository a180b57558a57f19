import { constants } from "node:buffer";
import { checkNumber, COUNT, type NumberRange, WAIT_MS } from "@spacedrive/wire";
import { DEFAULT_GUEST_LIMITS, type GuestLimits } from "../guest/limits.js";
import type { PluginManagerOptions } from "./plugin-manager-options.js";
import type { RestartPolicy } from "./restart-policy.js";

/** An option's value where it is left out, and what it can be set to. */
interface NumberOption {
  readonly standard: number;
  readonly range: NumberRange;
}

/** Milliseconds, none included. */
const SOON_MS: NumberRange = { ...WAIT_MS, least: 0 };
const SOME: NumberRange = { ...COUNT, least: 1 };

const OPTIONS = {
  idleMs: { standard: 60_000, range: SOON_MS },
  maxIdleInstances: { standard: 32, range: COUNT },
  maxInstances: { standard: 1, range: SOME },
  maxInstancesAtWork: { standard: 64, range: { ...COUNT, least: 2 } },
  maxExtraInstances: { standard: 8, range: COUNT },
  maxCallDepth: { standard: 8, range: SOME },
  maxQueuedCalls: { standard: 256, range: COUNT },
  stallMs: { standard: 2_000, range: WAIT_MS },
  cleanupTimeoutMs: { standard: 2_000, range: WAIT_MS },
  shutdownMs: { standard: 5_000, range: SOON_MS },
} as const satisfies Readonly<Record<string, NumberOption>>;

/** The numbers among a manager's options, with their defaults. */
export type NumberOptions = { readonly [Name in keyof typeof OPTIONS]: number };

/** What crosses becomes a text, and of longer ones the platform makes none. */
const TEXT_BYTES: NumberRange = { ...SOME, most: constants.MAX_STRING_LENGTH };
const MEMORY_BYTES: NumberRange = { least: 64 * 1024, most: 2 ** 32, whole: true };

const LIMITS: Readonly<Record<keyof GuestLimits, NumberRange>> = {
  maxMemoryBytes: MEMORY_BYTES,
  callTimeoutMs: WAIT_MS,
  initTimeoutMs: WAIT_MS,
  silenceMs: WAIT_MS,
  maxPayloadBytes: TEXT_BYTES,
  maxPayloadValues: SOME,
  maxStateValues: SOME,
  maxReplyBytes: TEXT_BYTES,
  maxLogLineBytes: SOME,
  maxLogBytesPerSecond: COUNT,
  maxModuleBytes: SOME,
  maxFunctionBodyBytes: SOME,
  maxBranchValues: COUNT,
  maxModuleBranchValues: COUNT,
  maxLocals: COUNT,
  maxLoops: COUNT,
  maxTableEntries: COUNT,
};

/**
 * The numbers that an integrator set, with the defaults of those left out.
 *
 * @throws SpacedriveError `INVALID_INPUT` where one of them, or of those within other options, cannot be kept: a limit of `NaN`
 * is one that nothing ever reaches.
 */
export function checkNumberOptions(options: PluginManagerOptions): NumberOptions {
  const numberOf = (name: keyof NumberOptions): number =>
    checkNumber(`PluginManager's ${name}`, options[name] ?? OPTIONS[name].standard, OPTIONS[name].range);
  checkRestart("restart", options.restart);
  for (const [id, { maxInstances, restart }] of Object.entries(options.extensions ?? {})) {
    const what = `extensions[${JSON.stringify(id)}]`;
    if (maxInstances !== undefined) checkNumber(`PluginManager's ${what}.maxInstances`, maxInstances, SOME);
    checkRestart(`${what}.restart`, restart);
  }
  return {
    idleMs: numberOf("idleMs"),
    maxIdleInstances: numberOf("maxIdleInstances"),
    maxInstances: numberOf("maxInstances"),
    maxInstancesAtWork: numberOf("maxInstancesAtWork"),
    maxExtraInstances: numberOf("maxExtraInstances"),
    maxCallDepth: numberOf("maxCallDepth"),
    maxQueuedCalls: numberOf("maxQueuedCalls"),
    stallMs: numberOf("stallMs"),
    cleanupTimeoutMs: numberOf("cleanupTimeoutMs"),
    shutdownMs: numberOf("shutdownMs"),
  };
}

/** @throws SpacedriveError `INVALID_INPUT`. */
export function checkLimits(limits: Partial<GuestLimits>): GuestLimits {
  const checked: { -readonly [Name in keyof GuestLimits]: number } = { ...DEFAULT_GUEST_LIMITS };
  // Proof: the keys of LIMITS are those of GuestLimits.
  for (const name of Object.keys(LIMITS) as (keyof GuestLimits)[]) {
    checked[name] = checkNumber(
      `PluginManager's limits.${name}`,
      limits[name] ?? DEFAULT_GUEST_LIMITS[name],
      LIMITS[name],
    );
  }
  return checked;
}

function checkRestart(what: string, policy: RestartPolicy | undefined): void {
  if (policy?.kind !== "reload") return;
  const { faultsInARow = 1, waitMs = 0, maxWaitMs = 0 } = policy;
  checkNumber(`PluginManager's ${what}.faultsInARow`, faultsInARow, SOME);
  checkNumber(`PluginManager's ${what}.waitMs`, waitMs, SOON_MS);
  checkNumber(`PluginManager's ${what}.maxWaitMs`, maxWaitMs, SOON_MS);
}
