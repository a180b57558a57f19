import { createWorld, caseFolder, type Disk, readDisk } from "./world.js";
import { FuzzHost } from "./fuzz-host.js";

let made: Promise<Disk> | null = null;

/** The disk of a host that has never run a job, with its tables. */
export function emptyDisk(): Promise<Disk> {
  made ??= make();
  return made;
}

async function make(): Promise<Disk> {
  await using folder = await caseFolder();
  const host = new FuzzHost({
    world: createWorld(0),
    watch: { moment() {}, hold: () => null, fault: () => null, attempt: async () => ({ kind: "completed" }) },
    folder: folder.next(),
    disk: { "library.db": null, "library.db-wal": null, "host.db": null, "host.db-wal": null },
    walLimitBytes: 4 * 1_048_576,
    journalQuotaBytes: 1_048_576,
    keepsSynced: false,
  });
  await host.attach();
  await host.close();
  return readDisk(host.folder);
}
