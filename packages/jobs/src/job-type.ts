/** The extension that owns a job type (`<extension>:<job>`), or null for a native type. */
export function extensionOfType(type: string): string | null {
  const colon = type.indexOf(":");
  return colon < 0 ? null : type.slice(0, colon);
}
