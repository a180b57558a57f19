import { type Operation, SpacedriveError } from "@spacedrive/wire";

/**
 * The operations that a module exports, each by itself or in arrays.
 *
 * @throws SpacedriveError `NOT_FOUND` where the module exports none.
 */
export async function loadOperations(url: string): Promise<Operation[]> {
  const exported: unknown[] = Object.values(await import(url));
  const operations = exported.flat().filter(isOperation);
  if (operations.length === 0) {
    throw new SpacedriveError(
      "NOT_FOUND",
      `${url} exports no operation: export what defineQuery or defineAction answer.`,
    );
  }
  return operations;
}

function isOperation(value: unknown): value is Operation {
  return typeof value === "object" && value !== null && "handler" in value && "kind" in value && "scope" in value;
}
