import { expect, test } from "vitest";
import { MAX_STATE_BYTES } from "../src/index.js";
import { openJobHost } from "./job-host.js";
import { ScriptedJob } from "./scripted-job.js";

/** JSON text of so many bytes, most of them in characters of two. */
function json(bytes: number): string {
  const text = "é".repeat(Math.floor((bytes - 2) / 2)) + "x".repeat(bytes % 2);
  return `"${text}"`;
}

const TOO_LARGE = { code: "PAYLOAD_TOO_LARGE", message: expect.stringContaining(String(MAX_STATE_BYTES)) };

test("parameters, states and results may be as large as they may be, and no larger", async () => {
  await using host = await openJobHost();
  const { manager, library } = host;
  const script = new ScriptedJob();
  manager.register("test.job", script);
  const [good, bad] = [json(MAX_STATE_BYTES), json(MAX_STATE_BYTES + 1)];
  await expect(manager.dispatch("test.job", bad.slice(1, -1), { library })).rejects.toMatchObject(TOO_LARGE);
  const job = await manager.dispatch("test.job", good.slice(1, -1), { library });
  const attempt = await script.next();
  await expect(attempt.context.checkpoint(bad)).rejects.toMatchObject(TOO_LARGE);
  await attempt.context.checkpoint(good);
  attempt.end({ kind: "completed", result: bad });
  expect(await job.done()).toMatchObject({ status: "failed", error: TOO_LARGE });
  await manager.retry(job.id);
  (await script.next()).end({ kind: "suspended", state: bad, until: { afterMs: 0 } });
  expect(await job.done()).toMatchObject({ status: "failed", error: TOO_LARGE });
  await manager.retry(job.id);
  (await script.next()).end({ kind: "completed", result: good });
  expect(await job.done()).toMatchObject({ status: "completed", checkpoint: 1 });
});
