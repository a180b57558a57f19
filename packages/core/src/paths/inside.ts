import { isAbsolute, relative, sep } from "node:path";

/** True where `path` lies below `folder`, or is it. Both are absolute; links are not looked at: pass real paths. */
export function isInside(path: string, folder: string): boolean {
  const steps = relative(folder, path);
  // On Windows the way to another drive is an absolute path.
  return steps !== ".." && !steps.startsWith(`..${sep}`) && !isAbsolute(steps);
}
