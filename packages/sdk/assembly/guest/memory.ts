/**
 * What the host calls to hand over data. Backed by the bare heap and not by managed objects: an unpinned managed
 * object could be collected before the guest has read it.
 */
export function wasm_alloc(size: i32): usize {
  return heap.alloc(<usize>size);
}

export function wasm_free(pointer: usize, size: i32): void {
  if (pointer != 0) heap.free(pointer);
}

/** Tells the host which ABI this module speaks; a module without this export is taken to speak version 1. */
export function spacedrive_abi_version(): i32 {
  return 1;
}
