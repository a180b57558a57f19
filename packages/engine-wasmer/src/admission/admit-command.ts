import {
  type AdmitModule,
  type AdmittedModule,
  compileCapped,
  describeShape,
  moduleInvalid,
  openModuleInTurns,
} from "@spacedrive/runtime/engine";
import { checkCommand } from "./check-command.js";

/** A transport that compiles by itself is handed the module's bytes, which others need not keep. */
export function createAdmission(keepBytes: boolean, endMs: number): AdmitModule {
  return (...given) => admitCommand(keepBytes, endMs, ...given);
}

/**
 * Lets a WASI preview1 command in: checked before it is compiled, its memory and tables capped.
 *
 * @throws SpacedriveError `MODULE_INVALID`.
 */
async function admitCommand(
  keepBytes: boolean,
  endMs: number,
  ...[name, bytes, limits, options]: Parameters<AdmitModule>
): Promise<AdmittedModule> {
  const shape = await openModuleInTurns(bytes, name, limits);
  const problems = checkCommand(shape, limits);
  if (problems.length > 0) throw moduleInvalid(name, problems.join(" "));
  const { bytes: capped, ...compiled } = await compileCapped(name, bytes, shape, limits, options);
  return {
    identity: {
      ...compiled,
      exports: null,
      reusesThreads: false,
      startName: "start",
      endMs,
      ...(keepBytes ? { bytes: capped } : {}),
    },
    description: { ...describeShape(shape), exportsUnknown: true },
  };
}
