import { type ErrorCode, SpacedriveError } from "@spacedrive/wire";
import { RAISE_THE_CAP } from "./cap-module.js";
import type { FaultKind } from "./guest-fault.js";

const CODES: Readonly<Record<FaultKind, ErrorCode>> = {
  trap: "GUEST_TRAPPED",
  "stack-overflow": "GUEST_TRAPPED",
  "memory-limit": "GUEST_MEMORY_LIMIT",
  violation: "GUEST_ABI_VIOLATION",
  "reply-too-large": "REPLY_TOO_LARGE",
  "abi-unsupported": "ABI_UNSUPPORTED",
  "init-failed": "INIT_FAILED",
  protocol: "GUEST_ABI_VIOLATION",
  exited: "GUEST_TRAPPED",
};

export interface FaultContext {
  /** Who the guest is. */
  readonly name: string;
  /** What it was doing: its start, or an export's name. */
  readonly activity: string;
  readonly kind: FaultKind;
  readonly message: string;
  /** Lines of its stack, mapped; empty where there is none. */
  readonly stack: readonly string[];
  readonly maxMemoryBytes: number;
  /** The last error that it logged in the call that failed, fit to print: an assertion's text, often. Null: none. */
  readonly logged: string | null;
}

/** The error that a guest's fault becomes. */
export function faultToError(context: FaultContext): SpacedriveError {
  const { name, activity, kind, message, stack, maxMemoryBytes, logged } = context;
  const hint = kind === "trap" && logged !== null ? ` The last error that it logged: ${logged}` : "";
  return new SpacedriveError(
    CODES[kind],
    [`"${name}" ${describe(kind, activity, message, maxMemoryBytes)}${hint}`, ...stack].join("\n    at "),
  );
}

function describe(kind: FaultKind, activity: string, message: string, maxMemoryBytes: number): string {
  switch (kind) {
    case "trap":
      return `trapped in ${activity}: ${message}.`;
    case "stack-overflow":
      return `trapped in ${activity}: ${message}. Recurse less deeply.`;
    case "memory-limit":
      return `ran out of memory in ${activity} (cap ${Math.floor(maxMemoryBytes / 1024 / 1024)} MB; ${message}). Use less, or ${RAISE_THE_CAP}.`;
    case "violation":
      return `broke the ABI in ${activity}: ${message}. docs/abi.md has the rules; an SDK keeps them.`;
    case "reply-too-large":
      return `answered too much in ${activity}: ${message}. Answer less, or in parts.`;
    case "abi-unsupported":
      return `cannot be started: ${message}. Update the host or the SDK.`;
    case "init-failed":
      return `failed in ${activity}: ${message}.`;
    case "protocol":
      return `broke the protocol in ${activity}: ${message}. docs/wasi-protocol.md has the rules.`;
    case "exited":
      return `ended in ${activity}: ${message}.`;
    default:
      return kind satisfies never;
  }
}
