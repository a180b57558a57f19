import { describeCaller, implement, type Operation, type OperationContext, SpacedriveError } from "@spacedrive/wire";
import { listLibraries, openLibraryByName, reopenLibrary } from "./definitions.js";
import type { LibraryManager } from "./library-manager.js";

/** The `libraries.*` operations. */
export function libraryOperations(libraries: LibraryManager): Operation[] {
  return [
    implement(listLibraries, {
      run(ctx) {
        refuseExtensions(ctx, "list the libraries");
        return {
          libraries: libraries.list().map(({ id, name }) => ({ id, name })),
          unopened: libraries.unopened().map(({ name, error }) => ({ name, reason: error.message })),
        };
      },
    }),
    implement(openLibraryByName, {
      async run(ctx, input) {
        refuseExtensions(ctx, "open a library");
        const { id, name } = await libraries.open(input.name);
        return { id, name };
      },
    }),
    implement(reopenLibrary, {
      async run(ctx, input) {
        refuseExtensions(ctx, "reopen a library");
        const library = libraries.list().find(({ name }) => name === input.name) ?? null;
        if (library === null && input.name !== undefined) {
          throw new SpacedriveError("NOT_FOUND", `No open library has the name "${input.name}".`);
        }
        await libraries.reopen(library?.id ?? null);
        return {};
      },
    }),
  ];
}

/** An extension is granted libraries one by one; a grant of methods, such as every query, must not show it the others. */
function refuseExtensions({ caller }: OperationContext, what: string): void {
  if (caller.kind !== "extension") return;
  throw new SpacedriveError(
    "PERMISSION_DENIED",
    `${describeCaller(caller)} may not ${what}: an extension works in the library that it is called on.`,
  );
}
