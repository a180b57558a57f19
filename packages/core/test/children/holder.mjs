// Holds a data directory until it is killed.
import { openCore } from "@spacedrive/core";

const [dataDir] = process.argv.slice(2);
await openCore({ dataDir });
process.send("ready");
setInterval(() => {}, 60_000);
