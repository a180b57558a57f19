import pc from "picocolors";
import { z } from "zod";
import type { DemoHost } from "./host.ts";

const locations = z.array(z.object({ id: z.string() }));
const entries = z.array(
  z.object({ name: z.string(), path: z.string(), metadata: z.looseObject({ words: z.number().optional() }) }),
);
const summary = z.looseObject({});

/** Prints the files with the most words, and what the extension's own query says, both read back from the library. */
export async function printResults(host: DemoHost, say: (line: string) => void): Promise<void> {
  const { core, library } = host;
  const options = { caller: { kind: "user" }, library: library.id } as const;
  const [location] = locations.parse(await core.wire.call("query:vdfs.list_locations.v1", {}, options));
  if (location === undefined) throw new Error("the library has no location");
  const listed = entries.parse(
    await core.wire.call("query:vdfs.list_entries.v1", { location_id: location.id }, options),
  );
  const counted = listed.flatMap((entry) =>
    entry.metadata.words === undefined ? [] : [{ path: entry.path, words: entry.metadata.words }],
  );
  counted.sort((a, b) => b.words - a.words);

  say(`  ${pc.bold("words".padStart(9))}  ${pc.bold("file")}`);
  for (const { path, words } of counted.slice(0, 10)) say(`  ${String(words).padStart(9)}  ${path}`);
  say(`  ${pc.dim(`${counted.length} files counted of ${listed.length} entries`)}`);

  const answer = summary.parse(
    await core.wire.call("query:word-count:summary.v1", { location_id: location.id }, options),
  );
  const { files, lines, words } = answer;
  say(`  ${pc.green("→")} query:word-count:summary.v1 ${JSON.stringify({ files, lines, words })}`);
}
