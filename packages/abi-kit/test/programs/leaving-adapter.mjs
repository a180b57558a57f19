// An adapter that ends the whole process, with success, at its first vector.
export function createHost() {
  return { name: "a host that leaves", run: async () => process.exit(0), [Symbol.asyncDispose]: async () => {} };
}
