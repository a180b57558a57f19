import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type GuestLimits, readManifest } from "@spacedrive/runtime";
import { type Clock, type Operation, SpacedriveError } from "@spacedrive/wire";
import { checkFaults } from "./check-faults.js";
import type { Fault } from "./fault.js";
import type { HostSettings } from "./host-link.js";
import { openHostProcess } from "./host-process-link.js";
import { openInProcessLink } from "./in-process-link.js";
import { loadOperations } from "./load-operations.js";
import { makeTemporaryFolder, removeFolder, writeFiles } from "./temporary-folder.js";
import { TestHost } from "./test-host.js";

/** How a test host is made. */
export interface TestHostOptions {
  /** Folder of the built extension under test, from the working directory; a URL is absolute. */
  readonly extension?: string | URL;
  /** Several of them, loaded in this order; the first is the one that short names mean. */
  readonly extensions?: readonly (string | URL)[];
  /** Method grants, as `--grant` takes them. Default: what each manifest asks. */
  readonly grants?: readonly string[];
  /** Limits of the guests, laid over the defaults. */
  readonly limits?: Partial<GuestLimits>;
  /**
   * Operations of the application that the extension is made for: a module (path or file URL) that exports them, loaded
   * in the host's process; with `inProcess` also the operations themselves.
   */
  readonly operations?: string | URL | readonly Operation[];
  /** Files by their paths: written into a temporary folder, which is added to the library as a location and indexed. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Runs the host in the test's own process instead of a process of its own: it starts faster and can be debugged with the
   * test, but not be killed. Default: false.
   */
  readonly inProcess?: boolean;
  /**
   * The host's time, such as a `VirtualClock`: sleeps, backoff, deadlines and limits of jobs and guests run by it. Only with
   * `inProcess`. Default: the system's.
   */
  readonly clock?: Clock;
  /**
   * What goes wrong under the host once this function has answered: a disk that is full, a process that is killed. Also
   * while it runs, by `host.faults`. Default: nothing.
   *
   * ```ts
   * await using host = await createTestHost({ extension: ".", faults: [{ fault: "disk-full", operation: "commit", at: 3 }] });
   * ```
   */
  readonly faults?: readonly Fault[];
}

/**
 * Loads the built wasm of an extension into the real host, with a temporary library. Builds nothing.
 *
 * ```ts
 * await using host = await createTestHost({ extension: "." });
 * expect(await host.call("query:hello:greet.v1", { name: "Ada" })).toEqual({ greeting: "Hello, Ada!" });
 * ```
 *
 * @throws SpacedriveError `EXTENSION_NOT_FOUND`, and what loading an extension throws.
 */
export async function createTestHost(options: TestHostOptions = {}): Promise<TestHost> {
  refuseContradictions(options);
  const folder = await makeTemporaryFolder();
  try {
    const extensions = await findExtensions(options);
    const settings: Omit<HostSettings, "faults"> = {
      dataDir: join(folder, "data"),
      library: "test",
      extensions: [...extensions.values()],
      grants: options.grants ?? null,
      limits: options.limits ?? {},
      operationsModule: moduleUrl(options.operations),
    };
    const operations = options.inProcess === true ? await operationsOf(options) : [];
    const host = new TestHost({
      extensions: [...extensions.keys()],
      folder,
      canKill: options.inProcess !== true,
      open: (faults, onEvent) =>
        options.inProcess === true
          ? openInProcessLink({ ...settings, faults }, operations, onEvent, options.clock)
          : openHostProcess({ ...settings, faults }, onEvent),
    });
    await startWith(host, options, join(folder, "files"));
    return host;
  } catch (error) {
    await removeFolder(folder);
    throw error;
  }
}

async function startWith(host: TestHost, { files, faults }: TestHostOptions, folder: string): Promise<void> {
  try {
    await host.restart();
    if (files !== undefined) {
      await writeFiles(folder, files);
      await host.addLocation(folder);
    }
    if (faults !== undefined) await host.faults.set(...faults);
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseContradictions(options: TestHostOptions): void {
  const { extension, extensions, operations, inProcess, clock, faults } = options;
  if (faults !== undefined) checkFaults(faults, inProcess !== true);
  if (clock !== undefined && inProcess !== true) {
    throw new SpacedriveError("INVALID_INPUT", "A clock cannot be handed to another process: set inProcess: true.");
  }
  if (extension !== undefined && extensions !== undefined) {
    throw new SpacedriveError("INVALID_INPUT", "createTestHost takes extension or extensions, not both.");
  }
  if (Array.isArray(operations) && inProcess !== true) {
    throw new SpacedriveError(
      "INVALID_INPUT",
      "Operations cannot be handed to another process: export them from a module and give its path, or set inProcess: true.",
    );
  }
}

/** The extensions' ids and folders, in order. */
async function findExtensions({ extension, extensions }: TestHostOptions): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const named of extensions ?? (extension === undefined ? [] : [extension])) {
    const folder = named instanceof URL ? fileURLToPath(named) : resolve(named);
    const manifest = await readManifest(folder);
    found.set(manifest.id, folder);
  }
  return found;
}

function moduleUrl(operations: TestHostOptions["operations"]): string | null {
  if (typeof operations === "string") return pathToFileURL(resolve(operations)).href;
  return operations instanceof URL ? operations.href : null;
}

async function operationsOf({ operations }: TestHostOptions): Promise<readonly Operation[]> {
  const url = moduleUrl(operations);
  if (url !== null) return loadOperations(url);
  // Proof: moduleUrl answers null only for a list and for nothing.
  return (operations as readonly Operation[] | undefined) ?? [];
}
