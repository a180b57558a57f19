import { SpacedriveError } from "@spacedrive/wire";
import { segmentProblem } from "../paths/path-segment.js";

/** @throws SpacedriveError `PATH_DENIED` where the name is not a single segment of a path, on whatever platform. */
export function checkSidecarName(filename: string): void {
  const problem = segmentProblem(filename);
  if (problem === null) return;
  const shown = filename.length > 100 ? `${filename.slice(0, 100)}…` : filename;
  throw new SpacedriveError(
    "PATH_DENIED",
    `${JSON.stringify(shown)} cannot be a sidecar's name: it ${problem}. Use a plain file name such as "ocr.json".`,
  );
}
