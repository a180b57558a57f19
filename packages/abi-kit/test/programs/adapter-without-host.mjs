// An adapter whose createHost() answers nothing that is a host.
export function createHost() {
  return { name: "half a host" };
}
