import { SpacedriveError } from "@spacedrive/wire";
import { segmentProblem } from "../paths/path-segment.js";

const MAX_NAME_BYTES = 128;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The name as it is used, in Unicode's composed form: two spellings that look the same are one library.
 *
 * @throws SpacedriveError `INVALID_INPUT` where it cannot be a folder's name on every platform, is hidden, has more than
 * 128 bytes, or could be taken for an id.
 */
export function checkLibraryName(name: string): string {
  const composed = name.normalize("NFC");
  const problem = segmentProblem(composed) ?? libraryNameProblem(composed);
  if (problem === null) return composed;
  const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name;
  throw new SpacedriveError("INVALID_INPUT", `${JSON.stringify(shown)} cannot be a library's name: it ${problem}.`);
}

function libraryNameProblem(name: string): string | null {
  if (/[<>:"|?*]/.test(name)) return 'contains one of < > : " | ? *';
  if (name.startsWith(".")) return "starts with a dot";
  if (/[. ]$/.test(name) || name.startsWith(" ")) return "starts or ends with a space, or ends with a dot";
  if (UUID.test(name)) return "has the form of an id";
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `has more than ${MAX_NAME_BYTES} bytes`;
  return null;
}
