import { SpacedriveError } from "./errors.js";
import { formatMethod, type Method, type OperationKind, parseMethod } from "./method.js";
import { checkOperation, type Operation } from "./operation.js";

/** Operations that a miss is answered with, at most. */
const MAX_HINTS = 5;

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
  /** The same, by owner and the first segment of their names: what a miss may have meant, without looking through all. */
  readonly #byFirstSegment = new Map<string, Set<Operation>>();

  /**
   * @throws SpacedriveError `CONFLICT` where the same kind, owner, name and version is registered, `INVALID_INPUT` where what
   * is to be registered is not whole: nothing may be callable that a gate cannot judge.
   */
  register(operation: Operation): Registration {
    checkOperation(operation);
    const key = familyKey(operation.kind, operation.extension, operation.name);
    const family = this.#families.get(key) ?? new Map<number, Operation>();
    if (family.has(operation.version)) {
      throw new SpacedriveError("CONFLICT", `Operation "${formatMethod(operation)}" is registered already.`);
    }
    family.set(operation.version, operation);
    this.#families.set(key, family);
    this.#byMethod.set(formatMethod(operation), operation);
    const segment = segmentKey(operation);
    const near = this.#byFirstSegment.get(segment) ?? new Set();
    this.#byFirstSegment.set(segment, near.add(operation));
    return { unregister: () => this.#remove(key, operation) };
  }

  /**
   * Finds by method string. A full one, as nearly every call has it, is not taken apart: that was a fifth of a call.
   *
   * @throws SpacedriveError `INVALID_INPUT` where the text is no method, and as {@link find}.
   */
  findByMethod(text: string, asker: string | null = null): Operation {
    return this.#byMethod.get(text) ?? this.find(parseMethod(text), asker);
  }

  /**
   * @param asker the extension that asks, to which no other extension's operations are listed; null: whoever may see all.
   * @throws SpacedriveError `NOT_FOUND`, naming a few of the versions or of the nearest names there are. A miss costs the same
   * however many operations there are.
   */
  find(method: Method, asker: string | null = null): Operation {
    const family = this.#families.get(familyKey(method.kind, method.extension, method.name));
    const tells = asker === null || method.extension === null || method.extension === asker;
    if (family === undefined) throw this.#unknownOperation(method, tells);
    const version = method.version ?? newestOf(family);
    const operation = family.get(version);
    if (operation !== undefined) return operation;
    const known = tells ? `; there is ${someOf(family)}` : "";
    throw new SpacedriveError(
      "NOT_FOUND",
      `There is no version ${version} of "${method.kind}:${narrow(method)}"${known}.`,
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
    const segment = segmentKey(operation);
    const near = this.#byFirstSegment.get(segment);
    near?.delete(operation);
    if (near?.size === 0) this.#byFirstSegment.delete(segment);
  }

  #unknownOperation(method: Method, tells: boolean): SpacedriveError {
    const asked = formatMethod({ ...method, version: method.version ?? 1 });
    return new SpacedriveError("NOT_FOUND", `There is no operation "${asked}". ${this.#hint(method, tells)}`);
  }

  #hint(method: Method, tells: boolean): string {
    const unregistered = `Extension "${method.extension}" has not registered it; is it loaded?`;
    if (!tells) return unregistered;
    const otherKind = method.kind === "query" ? "action" : "query";
    const other = this.#families.get(familyKey(otherKind, method.extension, method.name));
    const [found] = other?.values() ?? [];
    if (found !== undefined) return `It is a ${otherKind}: "${formatMethod(found)}".`;
    const near = firstOf(this.#byFirstSegment.get(segmentKey(method)) ?? []);
    const siblings = near.map((one) => `"${formatMethod(one)}"`);
    if (siblings.length > 0) return `There is ${siblings.sort().join(", ")}.`;
    return method.extension === null ? "Register it with createWire, or correct the name." : unregistered;
  }
}

function familyKey(kind: OperationKind, extension: string | null, name: string): string {
  return `${kind}:${narrow({ extension, name })}`;
}

function narrow({ extension, name }: { readonly extension: string | null; readonly name: string }): string {
  return extension === null ? name : `${extension}:${name}`;
}

/** `vdfs`, `finance:summary`: an owner's operations that begin alike. */
function segmentKey({ extension, name }: { readonly extension: string | null; readonly name: string }): string {
  const dot = name.indexOf(".");
  return narrow({ extension, name: dot === -1 ? name : name.slice(0, dot) });
}

function newestOf(family: ReadonlyMap<number, Operation>): number {
  let newest = 0;
  for (const version of family.keys()) newest = Math.max(newest, version);
  return newest;
}

/** `v1, v2`: the first few, by number. */
function someOf(family: ReadonlyMap<number, Operation>): string {
  const versions = firstOf(family.keys())
    .sort((a, b) => a - b)
    .map((version) => `v${version}`);
  return versions.join(", ") + (family.size > MAX_HINTS ? `, and ${family.size - MAX_HINTS} more` : "");
}

function firstOf<T>(items: Iterable<T>): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === MAX_HINTS) break;
    first.push(item);
  }
  return first;
}
