/**
 * Has V8 collect this thread's garbage, and give the pages back that it frees. V8 does so by itself in an idle thread whose
 * event loop turns; that of a guest's thread never does. The way that needs no flag, which would be the whole process's, is
 * to ask for much memory outside the heap: it is never touched, so that it takes none, and goes at once.
 */
export function giveBackHeap(): void {
  // More than V8 gives to a thread with a small heap before it has freed what it can.
  const bytes = 65 * 1024 * 1024;
  // Node 20 has no way to let it go at once.
  if ("transfer" in ArrayBuffer.prototype) new ArrayBuffer(bytes).transfer(0);
}
