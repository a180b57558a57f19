import { type Caller, type Gate, type GateRequest, type MissedCall, SpacedriveError } from "@spacedrive/wire";

/**
 * The one gate that Wire knows of an extension, over its versions: during a reload the new version's first calls are
 * judged by the new version's gate, and the old one's last calls by the old one's.
 */
export class GateSwitch implements Gate {
  #current: Gate | null = null;
  readonly #byCaller = new WeakMap<Caller, Gate>();

  /** Calls that are made as this very `caller` object are judged by `gate`. */
  admit(caller: Caller, gate: Gate): void {
    this.#byCaller.set(caller, gate);
  }

  /** The gate of every other caller of this extension: its jobs. */
  switchTo(gate: Gate): void {
    this.#current = gate;
  }

  authorize(request: GateRequest): void {
    this.#gateOf(request).authorize(request);
  }

  limit(request: GateRequest): void {
    this.#gateOf(request).limit(request);
  }

  missed(call: MissedCall): void {
    this.#gateOf(call).missed?.(call);
  }

  #gateOf({ caller, method }: MissedCall): Gate {
    const gate = this.#byCaller.get(caller) ?? this.#current;
    if (gate !== null) return gate;
    throw new SpacedriveError("PERMISSION_DENIED", `"${method}" may not be called: the extension is not loaded yet.`);
  }
}
