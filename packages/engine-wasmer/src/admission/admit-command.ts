import { type AdmitModule, compileCapped, describeShape, moduleInvalid, openModule } from "@spacedrive/runtime/engine";
import { checkCommand } from "./check-command.js";

/**
 * Lets a WASI preview1 command in: checked before it is compiled, its memory and tables capped.
 *
 * @throws SpacedriveError `MODULE_INVALID`.
 */
export const admitCommand: AdmitModule = async (name, bytes, limits, options) => {
  const shape = openModule(bytes, name);
  const problems = checkCommand(shape, limits);
  if (problems.length > 0) throw moduleInvalid(name, problems.join(" "));
  const compiled = await compileCapped(name, bytes, shape, limits, options);
  return {
    identity: { ...compiled, exports: null, reusesThreads: false },
    description: { ...describeShape(shape), exportsUnknown: true },
  };
};
