// A host that starts everything and knows nothing else.
export function createHost() {
  return {
    name: "starts everything",
    run: async ({ steps }) => steps.map(() => ({ alive: true, events: [] })),
    [Symbol.asyncDispose]: async () => {},
  };
}
