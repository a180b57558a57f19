import { defineAction, defineQuery } from "@spacedrive/wire";
import { z } from "zod";

const library = z.object({ id: z.uuid(), name: z.string() });

export const listLibraries = defineQuery({
  name: "libraries.list",
  scope: "host",
  description: "The open libraries, by name, and those that could not be opened, with the reason. Not for extensions.",
  input: z.object({}),
  output: z.object({
    libraries: z.array(library),
    unopened: z.array(z.object({ name: z.string(), reason: z.string() })),
  }),
});

export const openLibraryByName = defineAction({
  name: "libraries.open",
  scope: "host",
  description: "Opens the library of this name, and makes it where there is none. Not for extensions.",
  input: z.object({ name: z.string() }),
  output: library,
});

export const reopenLibrary = defineAction({
  name: "libraries.reopen",
  scope: "host",
  description:
    "Opens an open library's database anew, as after a failed disk; its jobs go on from their last checkpoints. Without a name, the host's own. Not for extensions.",
  input: z.object({ name: z.string().optional() }),
  output: z.object({}),
});
