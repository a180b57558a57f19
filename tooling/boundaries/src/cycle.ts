/** The nodes of one circle in the order of its arrows, or null. `next` gives a node's arrows. */
export function findCycle<Node>(nodes: Iterable<Node>, next: (node: Node) => Iterable<Node>): Node[] | null {
  const done = new Set<Node>();
  const path: Node[] = [];
  const visit = (node: Node): Node[] | null => {
    const at = path.indexOf(node);
    if (at !== -1) return path.slice(at);
    if (done.has(node)) return null;
    path.push(node);
    for (const target of next(node)) {
      const cycle = visit(target);
      if (cycle !== null) return cycle;
    }
    path.pop();
    done.add(node);
    return null;
  };
  for (const node of nodes) {
    const cycle = visit(node);
    if (cycle !== null) return cycle;
  }
  return null;
}
