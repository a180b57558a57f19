import { localUser, createWire, implement, createWorkerEngine, DEFAULT_GUEST_LIMITS, PluginManager, grantWhatManifestAsks, JobManager, createLibraryId } from "@spacedrive/runtime";
import { ping } from "@spacedrive/core";
import { compileGuest } from "../src/compile-guest.ts";
import { mailboxFloor } from "../src/floors/mailbox.ts";
import { openCallHost } from "../src/host/open-host.ts";
import { Arrivals } from "../src/arrivals.ts";
import { createRun } from "../src/run.ts";
import { summarize } from "../src/statistics.ts";
const N = 2000;
const floor = await mailboxFloor(N).open(createRun(false));
const arr1 = new Arrivals(N);
const engine = createWorkerEngine();
const mod = await engine.compile("bench", await compileGuest("bench-extension"), DEFAULT_GUEST_LIMITS);
const reply = JSON.stringify({ echo: "Pong: " + "x".repeat(56), count: 1, extension_works: true });
const mk = (call: any) => mod.start({ call, log() {}, register: () => true });
const ctx = JSON.stringify({ library_id: createLibraryId(), caller: "u" });
const resolved = Promise.resolve(reply);
const g1 = await mk(() => { arr1.add(); return resolved; });
const arr2 = new Arrivals(N);
const wire = createWire([implement(ping, { run: (_c, { message, count }) => { return { echo: `Pong: ${message}`, count, extension_works: true }; } })], { libraries: { has: () => true } });
const g2 = await mk(({ method, library, payload, signal }: any) => { arr2.add(); return wire.callJson(method, payload, { caller: localUser, library, signal }); });
const arr3 = new Arrivals(N);
const host = await openCallHost(arr3.add);
const lib = createLibraryId();
const payload = JSON.stringify({ message: "x".repeat(56), count: 1 });
const all: Record<string, number[]> = { floor: [], engine: [], wire: [], full: [], callJson: [] };
for (let r = 0; r < 25; r++) {
  const push = (k: string, v: readonly number[]) => { if (r > 4) all[k]!.push(...v); };
  push("floor", await floor.round());
  await g1.handle("query_ping_loop_v1", ctx, `{"times":${N}}`); push("engine", arr1.take());
  await g2.handle("query_ping_loop_v1", ctx, `{"times":${N}}`); push("wire", arr2.take());
  await host.wire.call("query:bench:ping_loop.v1", { times: N }, { caller: localUser, library: host.library }); push("full", arr3.take());
  const t = performance.now(); for (let i = 0; i < N; i++) await wire.callJson("query:test.ping.v1", payload, { caller: localUser, library: lib }); push("callJson", [(performance.now() - t) * 1000 / N]);
}
for (const [k, v] of Object.entries(all)) { const s = summarize(v, "lower"); console.log(k.padEnd(10), s.p50.toFixed(2), s.mean.toFixed(2), s.p99.toFixed(1)); }
process.exit(0);
