// The process that starts runs again which were killed: one for many runs, because its start is the dear part.
import { canonicalLibrary } from "../library/canonical-library.ts";
import { checkHistory } from "../library/check-history.ts";
import { checkRun } from "../library/check-run.ts";
import type { Scene } from "../scene.ts";
import { countWords } from "./count-words.ts";
import type { FinisherReply, FinisherRequest } from "./finisher-messages.ts";
import { openHost } from "./open-host.ts";
import { StoreCuts } from "./store-cuts.ts";

async function answer({ kind, scene }: FinisherRequest): Promise<FinisherReply> {
  try {
    const problems = checkRun(scene);
    // What is wrong already is not to be mended first.
    if (kind === "check" || problems.length > 0) return { problems, library: null };
    await finish(scene);
    return { problems: [...checkRun(scene), ...checkHistory(scene)], library: canonicalLibrary(scene) };
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { problems: [`it could not be brought to its end: ${reason}`], library: null };
  }
}

async function finish(scene: Scene): Promise<void> {
  await using host = await openHost(scene, new StoreCuts(null));
  await countWords(host, scene);
}

process.on("message", (request: FinisherRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});

// Whoever started it is gone.
process.on("disconnect", () => process.exit());
// A Ctrl-C is told to all processes of the terminal: the one that was typed into decides.
process.on("SIGINT", () => {});
