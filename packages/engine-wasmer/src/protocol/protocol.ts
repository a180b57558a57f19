/** The version of the protocol that this package speaks; a guest answers `start` with it. */
export const WASI_PROTOCOL_VERSION = 1;

/** JSON-RPC's code for a name that nobody answers to. */
export const METHOD_NOT_FOUND = -32601;

/** Bytes of one record: texts of either limit, half of them escaped, and what stands around them. */
export function maxRecordBytes(limits: { readonly maxPayloadBytes: number; readonly maxReplyBytes: number }): number {
  return 2 * Math.max(limits.maxPayloadBytes, limits.maxReplyBytes) + 65_536;
}
