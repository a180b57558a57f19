/** Bytes of UTF-8 that one path segment may have; what the common file systems take. */
export const MAX_SEGMENT_BYTES = 255;

/** Devices on Windows, with whatever extension, in any case. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/**
 * Why a name cannot stand as one segment of a path on every platform, or null where it can. The words finish the
 * sentence "the name …".
 */
export function segmentProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (name === "." || name === "..") return "means another folder";
  if (/[/\\]/.test(name)) return "contains a path separator";
  if (/\p{Cc}/u.test(name)) return "contains a control character";
  if (!name.isWellFormed()) return "is not valid Unicode";
  if (WINDOWS_DEVICE.test(name)) return "is the name of a device on Windows";
  if (Buffer.byteLength(name) > MAX_SEGMENT_BYTES) return `has more than ${MAX_SEGMENT_BYTES} bytes`;
  return null;
}
