import type { z } from "zod";
import { type Caller, describeCaller } from "./caller.js";
import { type Clock, systemClock } from "./clock.js";
import { type CallOptions, dispatch, type DispatchEnvironment } from "./dispatch.js";
import { envelopeJson, type JsonLimits, parseJson, toJson } from "./envelope.js";
import { isSpacedriveError, SpacedriveError } from "./errors.js";
import type { Gate } from "./gate.js";
import type { LibraryDirectory } from "./libraries.js";
import { FailureLog } from "./log-failure.js";
import { type Logger, silentLogger } from "./logger.js";
import type { Operation, OperationDefinition, OperationScope } from "./operation.js";
import { OperationRegistry, type Registration } from "./registry.js";
import { steadyClock } from "./steady-clock.js";
import { toldError } from "./told-error.js";

export interface WireOptions {
  /** Default: no library is open, so library-scoped operations answer `LIBRARY_NOT_FOUND`. */
  readonly libraries?: LibraryDirectory;
  /** Decides on remote callers. Default: they are denied everything. */
  readonly remoteGate?: Gate;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** The operations of a host, and the one way to call them. */
export class Wire {
  readonly libraries: LibraryDirectory;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly #registry = new OperationRegistry();
  readonly #extensionGates = new Map<string, Gate>();
  readonly #environment: DispatchEnvironment;
  readonly #remoteGate: Gate | null;

  constructor(operations: readonly Operation[], options: WireOptions) {
    this.libraries = options.libraries ?? { has: () => false };
    this.logger = options.logger ?? silentLogger;
    this.clock = options.clock === undefined ? systemClock : steadyClock(options.clock, this.logger);
    this.#remoteGate = options.remoteGate ?? null;
    this.#environment = {
      libraries: this.libraries,
      logger: this.logger,
      failures: new FailureLog(this.logger, this.clock),
      clock: this.clock,
      find: (asked, caller) => {
        const asker = caller.kind === "extension" ? caller.extension : null;
        return typeof asked === "string"
          ? this.#registry.findByMethod(asked, asker)
          : this.#registry.find(asked, asker);
      },
      gateOf: (caller) => this.#gateOf(caller),
    };
    for (const operation of operations) this.register(operation);
  }

  /**
   * Adds an operation until it is taken back.
   *
   * @throws SpacedriveError `CONFLICT` where the same kind, owner, name and version is registered, `INVALID_INPUT` where it
   * does not declare what gates judge by: its kind, scope, owner, name and version.
   */
  register(operation: Operation): Registration {
    return this.#registry.register(operation);
  }

  /**
   * Gives an extension's calls a gate until it is taken back. An extension without a gate is denied everything.
   *
   * @throws SpacedriveError `CONFLICT` where the extension has a gate.
   */
  registerGate(extension: string, gate: Gate): Registration {
    if (this.#extensionGates.has(extension)) {
      throw new SpacedriveError("CONFLICT", `Extension "${extension}" has a gate already.`);
    }
    this.#extensionGates.set(extension, gate);
    return {
      unregister: () => {
        if (this.#extensionGates.get(extension) === gate) this.#extensionGates.delete(extension);
      },
    };
  }

  /** Every registered operation, ordered by method string. */
  operations(): Operation[] {
    return this.#registry.list();
  }

  /**
   * Calls an operation. By definition the call is typed; by method string it takes and returns `unknown`.
   *
   * @throws SpacedriveError with the operation's own code, or `NOT_FOUND`, `PERMISSION_DENIED`, `LIBRARY_REQUIRED`,
   * `LIBRARY_NOT_FOUND`, `LIBRARY_ACCESS_DENIED`, `RATE_LIMITED`, `INVALID_INPUT`, `TIMEOUT`, `CANCELLED`,
   * `OPERATION_FAILED`.
   */
  call<Scope extends OperationScope, Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", Scope, Input, Output>,
    input: z.input<Input>,
    options: CallOptions,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown, options: CallOptions): Promise<unknown>;
  async call(target: string | OperationDefinition, input: unknown, options: CallOptions): Promise<unknown> {
    return dispatch(this.#environment, target, () => input, options);
  }

  /**
   * Calls an operation with JSON text, and answers JSON text: the output, or the error envelope. Never rejects. The text of a
   * call that its gate refuses is not parsed. An extension or a remote client is not told what is the host's own: files,
   * stacks, the logs of other extensions.
   */
  async callJson(method: string, payload: string, options: CallOptions & JsonLimits): Promise<string> {
    let parsed: { readonly value: unknown } | null = null;
    const input = (): unknown => {
      parsed ??= { value: parseJson(payload, `the payload of "${method}"`, "INVALID_INPUT", options) };
      return parsed.value;
    };
    let output: unknown;
    try {
      // The line itself and not `call`, whose promise would be one more between a guest and its answer.
      output = await dispatch(this.#environment, method, input, options);
    } catch (thrown) {
      return envelopeJson(this.#told(thrown, method, options.caller));
    }
    try {
      return toJson(output, `the output of "${method}"`);
    } catch (thrown) {
      this.#environment.failures.failed(method, options.caller, thrown, "an operation's output has no JSON");
      return envelopeJson(thrown);
    }
  }

  /** The dispatcher has told and logged its own failures; what is left is what a journal could not store. */
  #told(thrown: unknown, method: string, caller: Caller): unknown {
    const told = isSpacedriveError(thrown) ? toldError(thrown, caller) : null;
    if (told === thrown) return told;
    this.#environment.failures.failed(method, caller, thrown, "a call failed");
    return told;
  }

  #gateOf(caller: Caller): Gate {
    switch (caller.kind) {
      case "user":
      case "job":
        return openGate;
      case "remote":
        return this.#remoteGate ?? closedGate;
      case "extension":
        return this.#extensionGates.get(caller.extension) ?? closedGate;
      default:
        return caller satisfies never;
    }
  }
}

/** Makes the registry of a host's operations. */
export function createWire(operations: readonly Operation[] = [], options: WireOptions = {}): Wire {
  return new Wire(operations, options);
}

/** For the host's own code, which could do the same without asking. */
const openGate: Gate = { authorize() {}, limit() {} };

/** For whoever nobody vouched for. */
const closedGate: Gate = {
  authorize({ caller, method }) {
    throw new SpacedriveError(
      "PERMISSION_DENIED",
      `${describeCaller(caller)} may not call "${method}": nothing has been granted to it.`,
    );
  },
  limit() {},
};
