import { isOperationName, SpacedriveError, printableLine } from "@spacedrive/wire";
import type { GuestDescription, GuestRegistration } from "../guest/guest.js";
import type { Manifest, ManifestJob, ManifestOperation } from "./manifest/manifest-schema.js";

/** A job that an extension brings, with what its manifest says of it, if anything. */
export interface RegisteredJob {
  readonly name: string;
  readonly exportName: string;
  readonly resumable: boolean;
  readonly declared: ManifestJob | null;
}

const HANDLER = "(i32, i32, i32, i32) -> i32";
/** As many as a manifest may declare. */
const MAX_JOBS = 1_000;
const MAX_REFUSALS = 20;
const JOB_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;

/**
 * What a version of an extension registers: what its manifest declares, and the jobs that `plugin_init` adds. The first
 * instance fills it; every later instance must register the same.
 */
export class PluginRegistrations {
  readonly #manifest: Manifest;
  /** Null: only the running guest knows. */
  readonly #exports: ReadonlyMap<string, string> | null;
  readonly #jobs = new Map<string, RegisteredJob>();
  readonly #operations = new Map<string, ManifestOperation>();
  readonly #refusals: string[] = [];
  #sealed = false;

  constructor(manifest: Manifest, description: GuestDescription) {
    this.#manifest = manifest;
    this.#exports = description.exportsUnknown
      ? null
      : new Map(description.exports.map((one) => [one.name, one.signature]));
  }

  /** Answers whether a registration by a guest stands. The reason of a refusal is told by {@link seal}. */
  accept(registration: GuestRegistration): boolean {
    const problem = registration.kind === "job" ? this.#acceptJob(registration) : this.#acceptOperation(registration);
    if (problem !== null && !this.#sealed) this.#refuse(printableLine(problem, 500));
    return problem === null;
  }

  /**
   * Ends the first instance's registrations, and adds what only the manifest declares.
   *
   * @throws SpacedriveError `REGISTRATION_REFUSED` with every reason.
   */
  seal(): void {
    for (const job of this.#manifest.jobs) {
      if (this.#jobs.has(job.name)) continue;
      this.accept({ kind: "job", name: job.name, exportName: job.export, resumable: job.resumable ?? true });
    }
    for (const operation of this.#manifest.operations) {
      const { kind, name, version, export: exportName } = operation;
      if (this.#operations.has(operationKey(kind, name, version))) continue;
      this.accept({ kind, name: `${name}.v${version}`, exportName });
    }
    if ((this.#jobs.size > 0 || this.#operations.size > 0) && this.#refusals.length === 0) this.#requireAllocator();
    this.#sealed = true;
    if (this.#refusals.length > 0) {
      throw new SpacedriveError("REGISTRATION_REFUSED", `"${this.#manifest.id}": ${this.#refusals.join("; ")}.`);
    }
  }

  /** True once the first instance's registrations stand. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /** True where a registration of the first instance was refused. */
  get refused(): boolean {
    return this.#refusals.length > 0;
  }

  jobs(): RegisteredJob[] {
    return [...this.#jobs.values()];
  }

  operations(): ManifestOperation[] {
    return [...this.#operations.values()];
  }

  /**
   * A guest may go on for as long as its start may take: what it is refused is told up to a length; once, where the guest and
   * its manifest ask the same.
   */
  #refuse(problem: string): void {
    if (this.#refusals.includes(problem)) return;
    if (this.#refusals.length < MAX_REFUSALS) this.#refusals.push(problem);
    else this.#refusals[MAX_REFUSALS] = "and more";
  }

  #acceptJob({ name, exportName, resumable }: GuestRegistration & { readonly kind: "job" }): string | null {
    const known = this.#jobs.get(name);
    if (known !== undefined) {
      const same = known.exportName === exportName && known.resumable === resumable;
      return same ? null : `job "${name}" was registered before with another export or another resumable`;
    }
    if (this.#sealed) return `job "${name}" is registered by this instance and was not by the first`;
    if (!JOB_NAME.test(name)) {
      return `"${name}" is not a job name: letters, digits, _, . and -, at most 128, are expected; the host adds "${this.#manifest.id}:" by itself`;
    }
    const declared = this.#manifest.jobs.find((job) => job.name === name) ?? null;
    if (declared !== null && declared.export !== exportName) {
      return `job "${name}" is registered with export "${exportName}", and its manifest says "${declared.export}"`;
    }
    if (declared?.resumable !== undefined && declared.resumable !== resumable) {
      return `job "${name}" is registered with resumable ${resumable}, and its manifest says ${declared.resumable}`;
    }
    const missing = this.#exportProblem(exportName, `job "${name}"`);
    if (missing !== null) return missing;
    if (this.#jobs.size >= MAX_JOBS) return `job "${name}" is one more than the ${MAX_JOBS} that an extension may have`;
    this.#jobs.set(name, { name, exportName, resumable, declared });
    return null;
  }

  #acceptOperation({
    kind,
    name,
    exportName,
  }: GuestRegistration & { readonly kind: "query" | "action" }): string | null {
    const match = /^(.*)\.v([1-9][0-9]{0,5})$/.exec(name);
    const bare = match?.[1] ?? "";
    const version = Number(match?.[2]);
    if (match === null || !isOperationName(bare))
      return `"${name}" is not an operation with its version, such as "summary.v1"`;
    const what = `${kind} "${name}"`;
    const key = operationKey(kind, bare, version);
    const known = this.#operations.get(key);
    if (known !== undefined)
      return known.export === exportName ? null : `${what} was registered before with another export`;
    if (this.#sealed) return `${what} is registered by this instance and was not by the first`;

    const declared = this.#manifest.operations.find((one) => operationKey(one.kind, one.name, one.version) === key);
    if (declared === undefined) {
      return `${what} is registered and not in the manifest: declare it under "operations", with its scope and schemas`;
    }
    if (declared.export !== exportName) {
      return `${what} is registered with export "${exportName}", and its manifest says "${declared.export}"`;
    }
    const missing = this.#exportProblem(exportName, what);
    if (missing !== null) return missing;
    this.#operations.set(key, declared);
    return null;
  }

  #exportProblem(exportName: string, what: string): string | null {
    if (this.#exports === null) return null;
    const signature = this.#exports.get(exportName);
    if (signature === undefined) return `${what} names the export "${exportName}", which the module does not have`;
    if (signature === HANDLER) return null;
    return `${what} names the export "${exportName}", which is ${signature} and must be ${HANDLER}`;
  }

  /** The host hands jobs and operations their input in memory that the guest allocates. */
  #requireAllocator(): void {
    for (const name of ["wasm_alloc", "wasm_free"]) {
      if (this.#exports !== null && !this.#exports.has(name)) {
        this.#refusals.push(
          `it has jobs or operations, and the module does not export "${name}", which hands them their input`,
        );
      }
    }
  }
}

function operationKey(kind: "query" | "action", name: string, version: number): string {
  return `${kind}:${name}.v${version}`;
}
