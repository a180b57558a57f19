import { localUser, createWire, implement, createLibraryId } from "@spacedrive/runtime";
import { ping } from "@spacedrive/core";
const wire = createWire([implement(ping, { run: (_c, { message, count }) => ({ echo: `Pong: ${message}`, count, extension_works: true }) })], { libraries: { has: () => true } });
const lib = createLibraryId();
const payload = JSON.stringify({ message: "x".repeat(56), count: 1 });
for (let r = 0; r < 5; r++) {
const t = performance.now(); const N = 300000;
for (let i = 0; i < N; i++) await wire.callJson("query:test.ping.v1", payload, { caller: localUser, library: lib });
console.log((performance.now() - t) * 1000 / N);
}
const time = (name: string, f: () => unknown) => { for (let i = 0; i < 1e5; i++) f(); const t = performance.now(); for (let i = 0; i < 1e6; i++) f(); console.log(name, ((performance.now() - t)).toFixed(0), "ns"); };
const obj = { message: "x".repeat(56), count: 1 };
const out = { echo: "Pong: " + "x".repeat(56), count: 1, extension_works: true };
time("zod in", () => ping.input.safeParse(obj));
time("zod out", () => ping.output.safeParse(out));
time("JSON.parse", () => JSON.parse(payload));
time("JSON.stringify", () => JSON.stringify(out));
time("timer", () => { const t = setTimeout(() => {}, 30000); clearTimeout(t); });
time("timer unref", () => { const t = setTimeout(() => {}, 30000); t.unref(); clearTimeout(t); });
process.exit();
