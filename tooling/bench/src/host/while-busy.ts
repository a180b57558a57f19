import type { Contender } from "../figure.ts";

/** The loop works for so long, and is free for as long: half of its time is gone, in slices that a request may have to wait for. */
const SLICE_MS = 2;

/** A contender whose host has other work to do, half of the time. */
export function whileBusy(contender: Contender): Contender {
  return {
    ...contender,
    name: `${contender.name}, while the main thread is busy half of the time, ${SLICE_MS} ms on and ${SLICE_MS} ms off`,
    async open(run) {
      const opened = await contender.open(run);
      return {
        async round() {
          using _busy = busyLoop();
          return await opened.round();
        },
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
      };
    },
  };
}

function busyLoop(): Disposable {
  let timer: NodeJS.Timeout;
  const work = (): void => {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until);
    timer = setTimeout(work, SLICE_MS);
  };
  timer = setTimeout(work, SLICE_MS);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
