import { createWire, implement, createWorkerEngine, DEFAULT_GUEST_LIMITS, createLibraryId, localUser } from "@spacedrive/runtime";
import { ping } from "@spacedrive/core";
import { compileGuest } from "../src/compile-guest.ts";
import { Arrivals } from "../src/arrivals.ts";
import { summarize } from "../src/statistics.ts";
const which = process.argv[2]!; const N = 2000;
const engine = createWorkerEngine(which === "0" ? {} : { workerUrl: new URL(`./worker-${which}.js`, import.meta.url) });
const mod = await engine.compile("bench", await compileGuest("bench-extension"), DEFAULT_GUEST_LIMITS);
const arr = new Arrivals(N);
const wire = createWire([implement(ping, { run: (_c, { message, count }) => ({ echo: `Pong: ${message}`, count, extension_works: true }) })], { libraries: { has: () => true } });
const g = await mod.start({ call: ({ method, library, payload, signal }: any) => { arr.add(); return wire.callJson(method, payload, { caller: localUser, library, signal }); }, log() {}, register: () => true });
const ctx = JSON.stringify({ library_id: createLibraryId(), caller: "u" });
const all: number[] = []; const c0 = process.cpuUsage(); const t0 = performance.now();
for (let r = 0; r < 20; r++) { await g.handle("query_ping_loop_v1", ctx, `{"times":${N}}`); const t = arr.take(); if (r > 3) all.push(...t); }
const c = process.cpuUsage(c0); const s = summarize(all, "lower");
console.log(which.padEnd(3), "p50", s.p50.toFixed(2), "mean", s.mean.toFixed(2), "p99", s.p99.toFixed(0), "cpu/wall", ((c.user + c.system) / 1000 / (performance.now() - t0)).toFixed(2));
process.exit(0);
