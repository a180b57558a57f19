import type { TestHost } from "@spacedrive/testkit";

/** All that the job leaves in the library. */
export async function harvest(host: TestHost): Promise<Record<string, unknown>> {
  const left: Record<string, unknown> = {};
  for (const entry of await host.entries({ entry_type: "file" })) {
    const sidecars = (await host.sidecars(entry)).map((sidecar) => sidecar.filename);
    const report = sidecars.length === 0 ? null : await host.readJsonSidecar(entry, "word-count.json");
    left[entry.path] = { metadata: entry.metadata, sidecars, report };
  }
  return left;
}
