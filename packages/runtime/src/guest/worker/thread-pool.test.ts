import { setImmediate as loopTurn } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { defaultWorkerUrl } from "./default-worker-url.js";
import type { GuestThread } from "./guest-thread.js";
import { ThreadPool } from "./thread-pool.js";

const FOR_EVER = 1_000_000;

describe("the pool of guest threads", () => {
  let pool: ThreadPool;
  const open = ({ spareThreads = 1, keepMs = FOR_EVER } = {}): ThreadPool => {
    pool = new ThreadPool({ workerUrl: defaultWorkerUrl(), resourceLimits: {}, spareThreads, keepMs });
    return pool;
  };
  afterEach(() => pool.close());

  /** Has so many threads serve at once, and takes them back. */
  const use = async (count: number): Promise<GuestThread[]> => {
    const threads = Array.from({ length: count }, () => pool.take());
    await Promise.all(threads.map(({ ready }) => ready));
    for (const thread of threads) pool.give(thread);
    return threads;
  };

  test("gives up a thread whose file runs on and never reports, and says what is wrong", async () => {
    const workerUrl = new URL("data:text/javascript,setInterval(() => {}, 1000);");
    pool = new ThreadPool({ workerUrl, resourceLimits: {}, spareThreads: 1, keepMs: FOR_EVER, readyMs: 100 });
    const thread = pool.take();
    expect(await thread.ready).toBe(false);
    await thread.exited;
    expect(thread.cause?.message).toBe("its file did not report within 100 ms");
    expect(pool.size).toBe(0);
  });

  test("says why where there is no thread to be had, and only to the start that needs one", () => {
    const workerUrl = new URL("http://localhost/worker.js");
    pool = new ThreadPool({ workerUrl, resourceLimits: {}, spareThreads: 1, keepMs: FOR_EVER });
    using _start = pool.expect();
    pool.fill();
    const refused = { code: "INTERNAL", message: expect.stringMatching(/^No thread could be started.*workerUrl/) };
    expect(() => pool.take()).toThrow(expect.objectContaining(refused));
    expect(pool.size).toBe(0);
  });

  test("makes the thread of a start that is expected", async () => {
    open();
    expect(pool.size).toBe(0);
    using _start = pool.expect();
    expect(pool.size).toBe(1);
    const thread = pool.take();
    expect(pool.size).toBe(1);
    expect(await thread.ready).toBe(true);
  });

  test("keeps no thread for a start that was expected and never came", async () => {
    open();
    const first = pool.expect();
    const second = pool.expect();
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    expect(pool.size).toBe(1);
    second[Symbol.dispose]();
    while (pool.size > 0) await loopTurn();
    await use(1);
    pool.expect()[Symbol.dispose]();
    expect(pool.size).toBe(1);
  });

  test("makes no thread ahead where it is to have no spares", () => {
    open({ spareThreads: 0 });
    using _start = pool.expect();
    expect(pool.size).toBe(0);
  });

  test("uses threads again that served many at once", async () => {
    open();
    const threads = new Set(await use(10));
    expect(new Set(await use(10))).toEqual(threads);
    expect(pool.size).toBe(10);
  });

  test("keeps no more than seventeen of those that served at once", async () => {
    open();
    await use(20);
    while (pool.size > 17) await loopTurn();
    expect(pool.size).toBe(17);
  });

  test("lets threads go that nobody needs any more, but for the spare ones", async () => {
    open({ spareThreads: 2, keepMs: 5 });
    await use(6);
    while (pool.size > 2) await loopTurn();
    await loopTurn();
    expect(pool.size).toBe(2);
  });
});
