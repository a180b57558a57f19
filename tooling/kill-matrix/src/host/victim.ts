// The process that is killed. It tells when its host is open, and, if it gets so far, what operations its stores made.
import { parseJson } from "@spacedrive/wire";
import { countWords } from "./count-words.ts";
import { openHost } from "./open-host.ts";
import { StoreCuts } from "./store-cuts.ts";
import { type VictimOrders, victimOrdersSchema } from "./victim-orders.ts";
import { writeSync } from "node:fs";

const { scene, cut }: VictimOrders = victimOrdersSchema.parse(parseJson(process.argv[2] ?? "", "the victim's orders"));
const cuts = new StoreCuts(cut);
{
  await using host = await openHost(scene, cuts);
  writeSync(1, "open\n");
  await countWords(host, scene);
}
writeSync(1, `${JSON.stringify(Object.fromEntries(cuts.counts))}\n`);
