/** Names that every object has, or that set its prototype. */
export const NAMES_OF_EVERY_OBJECT: readonly string[] = [
  ...Object.getOwnPropertyNames(Object.prototype),
  "prototype",
  "__proto__",
].filter((name, index, all) => all.indexOf(name) === index);

const SHARED = { Object, Array, Function, Map, Set, Promise, String, Number, Error, RegExp, Uint8Array, Buffer };

/**
 * What every object of the process inherits, as it is now: keys, values and attributes of the shared prototypes and of
 * their constructors. Two of these are equal unless something was put there.
 */
export function prototypesNow(): ReadonlyMap<string, unknown> {
  const now = new Map<string, unknown>();
  for (const [name, constructor] of Object.entries(SHARED)) {
    for (const [what, shared] of [
      [`${name}.prototype`, constructor.prototype],
      [name, constructor],
    ] as const) {
      now.set(`${what}: its prototype`, Object.getPrototypeOf(shared));
      for (const key of Reflect.ownKeys(shared)) {
        const descriptor: Readonly<Record<string, unknown>> = { ...Object.getOwnPropertyDescriptor(shared, key) };
        for (const [aspect, found] of Object.entries(descriptor)) now.set(`${what}.${String(key)}: ${aspect}`, found);
      }
    }
  }
  return now;
}
