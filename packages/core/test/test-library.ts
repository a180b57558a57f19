import { join } from "node:path";
import type { JobInfo } from "@spacedrive/jobs";
import {
  type Caller,
  localUser,
  type OperationDefinition,
  type OperationScope,
  parseJobId,
  type Registration,
} from "@spacedrive/wire";
import type { z } from "zod";
import { addLocation, type Core, type CoreOptions, type Library, openCore } from "../src/index.js";

export interface TestLibrary extends AsyncDisposable {
  readonly core: Core;
  readonly library: Library;
  /** Calls an operation on the library, as the user where nobody else is named. */
  call<Input extends z.ZodType, Output extends z.ZodType>(
    operation: OperationDefinition<"query" | "action", OperationScope, Input, Output>,
    input: z.input<Input>,
    caller?: Caller,
  ): Promise<z.output<Output>>;
  call(method: string, input: unknown, caller?: Caller): Promise<unknown>;
  /** Adds a location and waits until it is indexed. */
  index(path: string, options?: { readonly ignore?: readonly string[] }): Promise<{ locationId: string; job: JobInfo }>;
}

/** The library `home` of a core in `<folder>/data`. */
export async function openTestLibrary(folder: string, options: Partial<CoreOptions> = {}): Promise<TestLibrary> {
  const core = await openCore({ dataDir: join(folder, "data"), ...options });
  const library = await core.libraries.open("home");
  const call = (operation: string, input: unknown, caller: Caller = localUser): Promise<unknown> =>
    core.wire.call(operation, input, { caller, library: library.id });
  return {
    core,
    library,
    // Proof: Wire types a call by definition as this interface does.
    call: call as TestLibrary["call"],
    async index(path, { ignore } = {}) {
      const input = ignore === undefined ? { path } : { path, ignore: [...ignore] };
      const { location_id, job_id } = await core.wire.call(addLocation, input, {
        caller: localUser,
        library: library.id,
      });
      const job = await core.jobs.get(parseJobId(job_id));
      return { locationId: location_id, job: await job.done() };
    },
    [Symbol.asyncDispose]: () => core.close(),
  };
}

/** Lets an extension call everything, as an integrator's grants would. */
export function grantAll(core: Core, extension: string): Registration {
  return core.wire.registerGate(extension, { authorize() {}, limit() {} });
}
