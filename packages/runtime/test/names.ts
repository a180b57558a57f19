/** Names that every object has, or by which a prototype is reached. */
export const NAMES_OF_EVERY_OBJECT: readonly string[] = [...Object.getOwnPropertyNames(Object.prototype), "prototype"];

/** A JSON object in which each of those names is a key, with objects below that would end up in a prototype. */
export const HOSTILE_JSON = `{${NAMES_OF_EVERY_OBJECT.map(
  (name) => `"${name}":{"polluted":true,"prototype":{"polluted":true},"__proto__":{"polluted":true}}`,
).join(",")},"list":[{"__proto__":null}]}`;

const SHARED = { Object, Array, Function, Map, Set, Promise, String, Number, Error, RegExp, Uint8Array, Buffer };

/** Every key, value and attribute of the prototypes that all objects of the process share, and of their constructors. */
export function sharedPrototypes(): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [name, constructor] of Object.entries(SHARED)) {
    for (const [what, shared] of [
      [`${name}.prototype`, constructor.prototype],
      [name, constructor],
    ] as const) {
      found.set(`prototype of ${what}`, Object.getPrototypeOf(shared));
      for (const key of Reflect.ownKeys(shared)) {
        const descriptor: Readonly<Record<string, unknown>> = { ...Object.getOwnPropertyDescriptor(shared, key) };
        for (const [aspect, value] of Object.entries(descriptor))
          found.set(`${aspect} of ${what}.${String(key)}`, value);
      }
    }
  }
  return found;
}

/** What of the shared prototypes is not as it was. */
export function changedSince(before: ReadonlyMap<string, unknown>): string[] {
  const now = sharedPrototypes();
  return [...new Set([...before.keys(), ...now.keys()])].filter(
    (key) => before.has(key) !== now.has(key) || !Object.is(before.get(key), now.get(key)),
  );
}
