/** A part of a JSON Schema that is looked at; what is none (a boolean, a wrong type) has no cost. */
export type SchemaNode = Readonly<Record<string, unknown>>;

const MAX_EXPANDED_PARTS = 10_000;
/** Keywords whose schemas apply to the very value that the schema around them applies to. */
const SAME_VALUE_LISTS = ["allOf", "anyOf", "oneOf"] as const;
const ITEM_KEYWORDS = ["items", "prefixItems", "additionalItems", "additionalProperties", "propertyNames"] as const;
const CHILD_KEYWORDS: ReadonlySet<string> = new Set([...SAME_VALUE_LISTS, ...ITEM_KEYWORDS, "contains", "not"]);

/**
 * Why checking values against a JSON Schema could take time that grows exponentially, or without end: on the host's own
 * loop an extension's schema must not do that. Null where the time grows with the size of schema and value only.
 */
export function schemaCostProblem(root: unknown): string | null {
  return isNode(root) ? new SchemaCost(root).problem() : null;
}

class SchemaCost {
  /** What a `$ref` can name, by its text. */
  readonly #targets = new Map<string, SchemaNode>();
  /** Targets that lead back to themselves, or to one that does. */
  readonly #leadsToCycle = new Set<string>();
  readonly #cyclic = new Set<string>();
  /** Nodes with a reference, in them or below, that leads to a schema that repeats itself. */
  readonly #leading = new Set<SchemaNode>();
  readonly #sizes = new Map<string, number>();

  constructor(root: SchemaNode) {
    this.#targets.set("#", root);
    for (const keyword of ["$defs", "definitions"]) {
      for (const [name, node] of namedNodes(root[keyword])) this.#targets.set(`#/${keyword}/${escape(name)}`, node);
    }
    const refs = new Map([...this.#targets].map(([target, node]) => [target, [...refsWithin(node)]]));
    const reached = new Map([...refs.keys()].map((target) => [target, reachable(target, refs)]));
    for (const [target, others] of reached) if (others.has(target)) this.#cyclic.add(target);
    for (const [target, others] of reached) {
      if ([target, ...others].some((other) => this.#cyclic.has(other))) this.#leadsToCycle.add(target);
    }
    // From the leaves up, so that no node walks what is below it again.
    for (const node of this.#targets.values()) {
      for (const inner of [...nodesWithin(node)].reverse()) {
        const leads = this.#leadsToCycle.has(refOf(inner) ?? "");
        if (leads || childrenOf(inner).some((child) => this.#leading.has(child))) this.#leading.add(inner);
      }
    }
  }

  problem(): string | null {
    const sameValue = new Map([...this.#targets].map(([target, node]) => [target, [...sameValueRefs(node)]]));
    for (const [target, node] of this.#targets) {
      if (reachable(target, sameValue).has(target)) return `"${target}" refers to itself without going into the value`;
      for (const inner of nodesWithin(node)) {
        if (this.#waysIntoCycle(inner) > 1) {
          return `"${target}" repeats itself in two ways for one value, which would take exponential time to check`;
        }
      }
      if (this.#sizeOf(node) > MAX_EXPANDED_PARTS)
        return `has more than ${MAX_EXPANDED_PARTS} parts with its references`;
    }
    return null;
  }

  /** How many of the parts that apply to the same value lead to a schema that repeats itself. */
  #waysIntoCycle(node: SchemaNode): number {
    if (this.#cyclic.size === 0) return 0;
    const own = [...namedNodes(node["properties"])].map(([, child]) => child);
    const parts: (readonly SchemaNode[])[] = [
      [...own, ...ITEM_KEYWORDS.flatMap((keyword) => [...nodesOf(node[keyword])])],
      [...nodesOf(node["contains"])],
      [...nodesOf(node["not"])],
      ...SAME_VALUE_LISTS.flatMap((keyword) => [...nodesOf(node[keyword])].map((child) => [child])),
    ];
    const ways = parts.filter((part) => part.some((child) => this.#leading.has(child))).length;
    return ways + (this.#leadsToCycle.has(refOf(node) ?? "") ? 1 : 0);
  }

  /** Parts of a node and of what it refers to, each as often as it is met; one that repeats itself counts once. */
  #sizeOf(node: SchemaNode): number {
    let size = 0;
    for (const inner of nodesWithin(node)) {
      size++;
      const ref = refOf(inner);
      if (ref !== null && !this.#cyclic.has(ref)) size += this.#sizeOfTarget(ref);
      if (size > MAX_EXPANDED_PARTS) break;
    }
    return size;
  }

  #sizeOfTarget(target: string): number {
    const known = this.#sizes.get(target);
    if (known !== undefined) return known;
    const node = this.#targets.get(target);
    const size = node === undefined ? 0 : this.#sizeOf(node);
    this.#sizes.set(target, size);
    return size;
  }
}

export function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refOf(node: SchemaNode): string | null {
  const ref = node["$ref"];
  if (typeof ref !== "string") return null;
  return ref.startsWith("#") && ref.split("/").every((step) => step === "" || step === "#") ? "#" : ref;
}

/** As the text of a `$ref` has it. */
function escape(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The schemas of a keyword that takes one or a list. */
function* nodesOf(value: unknown): Iterable<SchemaNode> {
  for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) yield one;
}

function* namedNodes(value: unknown): Iterable<readonly [string, SchemaNode]> {
  if (!isNode(value)) return;
  for (const [name, node] of Object.entries(value)) if (isNode(node)) yield [name, node];
}

/** A node and all below it, without what is only there to be referred to. */
export function* nodesWithin(root: SchemaNode): Iterable<SchemaNode> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    yield node;
    for (const child of childrenOf(node)) waiting.push(child);
  }
}

/** By the keys that there are: nearly every node of a large schema has none of these, and each is asked several times. */
function childrenOf(node: SchemaNode): readonly SchemaNode[] {
  const children: SchemaNode[] = [];
  for (const [keyword, value] of Object.entries(node)) {
    if (CHILD_KEYWORDS.has(keyword)) for (const child of nodesOf(value)) children.push(child);
    else if (keyword === "properties") for (const [, child] of namedNodes(value)) children.push(child);
  }
  return children;
}

function* refsWithin(root: SchemaNode): Iterable<string> {
  for (const node of nodesWithin(root)) {
    const ref = refOf(node);
    if (ref !== null) yield ref;
  }
}

/** References that apply to the same value as `root`. */
function* sameValueRefs(root: SchemaNode): Iterable<string> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const ref = refOf(node);
    if (ref !== null) yield ref;
    for (const keyword of [...SAME_VALUE_LISTS, "not"]) waiting.push(...nodesOf(node[keyword]));
  }
}

/** What can be come to from `from` in one step or more. */
function reachable(from: string, steps: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...(steps.get(from) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    waiting.push(...(steps.get(next) ?? []));
  }
  return reached;
}
