/** A page of wasm memory. */
export const PAGE_BYTES = 65_536;
