import { VirtualClock } from "@spacedrive/wire/testing";
import { describe, expect, it } from "vitest";
import { InstancePlaces, type Place } from "./instance-places.js";

interface Host {
  readonly places: InstancePlaces;
  readonly clock: VirtualClock;
  /** Places taken at once, or null where there is none. */
  readonly take: (extension: string, kind?: "call" | "job", waitedMs?: () => number) => Place | null;
  /** Waits for a place; who got one, in their order, stands in `served`. */
  readonly wait: (extension: string, kind?: "call" | "job", signal?: AbortSignal) => Promise<Place>;
  readonly served: string[];
}

function host(max: number): Host {
  const clock = new VirtualClock();
  const places = new InstancePlaces({ max, clock, stallMs: 1_000, onTaken: () => {} });
  const served: string[] = [];
  return {
    places,
    clock,
    served,
    take: (extension, kind = "call", waitedMs = () => 0) => places.tryTake({ extension, kind, waitedMs }),
    async wait(extension, kind = "call", signal = new AbortController().signal) {
      const place = await places.take({ extension, kind, waitedMs: () => 0 }, signal);
      served.push(extension);
      return place;
    },
  };
}

/** Gives back. */
function leave(place: Place | null | undefined): void {
  place?.[Symbol.dispose]();
}

describe("the places of a host", () => {
  it("are as many as it says, and one that is given back can be had again", () => {
    const { take, places } = host(8);
    const calls = ["a", "b", "c", "d", "e", "f"].map((extension) => take(extension));
    const jobs = [take("a", "job"), take("b", "job")];
    expect([...calls, ...jobs]).not.toContain(null);
    expect(places.free).toBe(0);
    expect(take("g")).toBeNull();
    expect(take("g", "job")).toBeNull();
    leave(jobs[0]);
    leave(jobs[0]);
    expect(places.free).toBe(1);
    expect(take("g")).not.toBeNull();
    expect(take("h")).toBeNull();
  });

  it.each([
    ["calls", "call", 7, "job"],
    ["jobs", "job", 6, "call"],
  ] as const)("are not all for %s", (_who, kind, most, other) => {
    const { take } = host(8);
    const taken = Array.from({ length: 8 }, (_, index) => take(`extension-${index}`, kind));
    expect(taken.filter((place) => place !== null)).toHaveLength(most);
    expect(take("last", other)).not.toBeNull();
  });

  it("are for the calls of one extension at most by half", () => {
    const { take } = host(8);
    expect([1, 2, 3, 4].map(() => take("greedy"))).not.toContain(null);
    expect(take("greedy")).toBeNull();
    expect(take("greedy", "job")).not.toBeNull();
    expect(take("modest")).not.toBeNull();
  });

  it("of two there is one for calls and one for jobs", () => {
    const { take } = host(2);
    expect([take("a"), take("b")]).toEqual([expect.anything(), null]);
    expect([take("a", "job"), take("b", "job")]).toEqual([expect.anything(), null]);
  });

  it("go to those who wait in turn, one for each extension, and pass nobody by", async () => {
    const { take, wait, served } = host(2);
    const held = take("x");
    const all = ["greedy", "greedy", "greedy", "modest", "late"].map((extension) => wait(extension));
    leave(held);
    leave(await all[0]);
    expect(take("y")).toBeNull();
    for (const place of [all[3], all[4], all[1], all[2]]) leave(await place);
    expect(served).toEqual(["greedy", "modest", "late", "greedy", "greedy"]);
  });

  it("go to whoever may have one, behind an extension that has its share", async () => {
    const { take, wait, served } = host(8);
    const greedy = [1, 2, 3, 4].map(() => take("greedy"));
    const others = ["a", "b", "c"].map((extension) => take(extension));
    const more = wait("greedy");
    const modest = wait("modest");
    leave(others[0]);
    await modest;
    expect(served).toEqual(["modest"]);
    leave(greedy[0]);
    leave(greedy[1]);
    await more;
    expect(served).toEqual(["modest", "greedy"]);
  });

  it("are not kept for one who has given up", async () => {
    const { take, wait, clock } = host(2);
    const held = take("x");
    const giveUp = new AbortController();
    const waiting = wait("y", "call", giveUp.signal);
    giveUp.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    await expect(wait("y", "call", giveUp.signal)).rejects.toMatchObject({ code: "CANCELLED" });
    leave(held);
    expect(take("z")).not.toBeNull();
    expect(clock.pending).toBe(0);
  });
});

describe("a call that waits for a place", () => {
  it("is BUSY once every call in its way has waited for the host for stallMs, and a job waits on", async () => {
    const { take, wait, clock } = host(2);
    const held = take("x", "call", () => clock.monotonic());
    const heldJob = take("x", "job");
    const call = wait("y");
    const outcome = call.catch((error: unknown) => error);
    const job = wait("y", "job");
    clock.advance(999);
    expect(await Promise.race([outcome, Promise.resolve("waits")])).toBe("waits");
    clock.advance(1);
    expect(await outcome).toMatchObject({
      code: "BUSY",
      retryable: true,
      message: expect.stringMatching(/"y".*maxInstancesAtWork.*1000 ms/),
    });
    expect(clock.pending).toBe(0);
    leave(heldJob);
    leave(await job);
    leave(held);
  });

  it("waits on while one of them works", async () => {
    const { take, wait, clock, served } = host(3);
    take("x", "call", () => clock.monotonic());
    const works = take("z");
    const call = wait("y");
    clock.advance(10_000);
    expect(served).toEqual([]);
    leave(works);
    await call;
    expect(served).toEqual(["y"]);
  });

  it("of an extension that has its share is BUSY where its own calls all wait", async () => {
    const { take, wait, clock } = host(4);
    const stalled = [1, 2].map(() => take("x", "call", () => clock.monotonic()));
    expect(stalled).not.toContain(null);
    const outcome = wait("x").catch((error: unknown) => error);
    clock.advance(1_000);
    expect(await outcome).toMatchObject({ code: "BUSY" });
    expect(take("y")).not.toBeNull();
  });
});
