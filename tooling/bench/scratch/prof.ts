import { localUser } from "@spacedrive/runtime";
import { openCallHost } from "../src/host/open-host.ts";
const host = await openCallHost(() => {});
const t=performance.now();
for (let r = 0; r < 200; r++) await host.wire.call("query:bench:ping_loop.v1", { times: 2000 }, { caller: localUser, library: host.library });
console.log((performance.now()-t)*1000/400000);
process.exit(0);
