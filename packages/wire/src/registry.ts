import { SpacedriveError } from "./errors.js";
import { formatMethod, type Method, type OperationKind, parseMethod } from "./method.js";
import type { Operation } from "./operation.js";

/** Taking it back removes exactly what was registered; doing so twice is harmless. */
export interface Registration {
  unregister(): void;
}

/** The operations that can be called now, by kind, owner, name and version. */
export class OperationRegistry {
  // Maps, not objects: names come from extensions, and "__proto__" is a name like any other.
  readonly #families = new Map<string, Map<number, Operation>>();
  /** The same operations by their full method strings. */
  readonly #byMethod = new Map<string, Operation>();

  /** @throws SpacedriveError `CONFLICT` where the same kind, owner, name and version is registered. */
  register(operation: Operation): Registration {
    const key = familyKey(operation.kind, operation.extension, operation.name);
    const family = this.#families.get(key) ?? new Map<number, Operation>();
    if (family.has(operation.version)) {
      throw new SpacedriveError("CONFLICT", `Operation "${formatMethod(operation)}" is registered already.`);
    }
    family.set(operation.version, operation);
    this.#families.set(key, family);
    this.#byMethod.set(formatMethod(operation), operation);
    return { unregister: () => this.#remove(key, operation) };
  }

  /**
   * Finds by method string. A full one, as nearly every call has it, is not taken apart: that was a fifth of a call.
   *
   * @throws SpacedriveError `INVALID_INPUT` where the text is no method, and as {@link find}.
   */
  findByMethod(text: string): Operation {
    return this.#byMethod.get(text) ?? this.find(parseMethod(text));
  }

  /** @throws SpacedriveError `NOT_FOUND`, naming the versions there are, or the nearest names. */
  find(method: Method): Operation {
    const family = this.#families.get(familyKey(method.kind, method.extension, method.name));
    if (family === undefined) throw unknownOperation(method, this.list());
    const version = method.version ?? Math.max(...family.keys());
    const operation = family.get(version);
    if (operation !== undefined) return operation;
    const known = [...family.keys()].sort((a, b) => a - b).map((v) => `v${v}`);
    throw new SpacedriveError(
      "NOT_FOUND",
      `There is no version ${version} of "${method.kind}:${method.name}"; there is ${known.join(", ")}.`,
    );
  }

  /** All operations, ordered by method string. */
  list(): Operation[] {
    const all = [...this.#families.values()].flatMap((family) => [...family.values()]);
    return all.sort((a, b) => (formatMethod(a) < formatMethod(b) ? -1 : 1));
  }

  #remove(key: string, operation: Operation): void {
    const family = this.#families.get(key);
    if (family?.get(operation.version) !== operation) return;
    family.delete(operation.version);
    this.#byMethod.delete(formatMethod(operation));
    if (family.size === 0) this.#families.delete(key);
  }
}

function familyKey(kind: OperationKind, extension: string | null, name: string): string {
  return `${kind}:${extension ?? ""}:${name}`;
}

function unknownOperation(method: Method, known: readonly Operation[]): SpacedriveError {
  const asked = formatMethod({ ...method, version: method.version ?? 1 });
  const otherKind = known.find((o) => o.name === method.name && o.extension === method.extension);
  const family = method.name.split(".")[0];
  const siblings = known.filter((o) => o.extension === method.extension && o.name.split(".")[0] === family);
  const hint = otherKind
    ? `It is a ${otherKind.kind}: "${formatMethod(otherKind)}".`
    : siblings.length > 0
      ? `There is ${siblings
          .slice(0, 5)
          .map((o) => `"${formatMethod(o)}"`)
          .join(", ")}.`
      : method.extension === null
        ? "Register it with createWire, or correct the name."
        : `Extension "${method.extension}" has not registered it; is it loaded?`;
  return new SpacedriveError("NOT_FOUND", `There is no operation "${asked}". ${hint}`);
}
