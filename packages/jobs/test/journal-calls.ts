import { APPEND, type JournalHost, READ } from "./journal-host.js";
import { INTERRUPTED, type ScriptedAttempt } from "./scripted-job.js";

/** Dispatches the scripted job, and answers its first attempt. */
export async function begin(host: JournalHost, params: unknown = 0): Promise<ScriptedAttempt> {
  await host.manager.dispatch("test.job", params, { library: host.world.library });
  return host.script.next();
}

/** Ends the attempt as a job does that has seen its interrupt, and starts the next. */
export async function pauseAndResume(host: JournalHost, attempt: ScriptedAttempt): Promise<ScriptedAttempt> {
  const paused = host.manager.pause(attempt.context.id);
  attempt.end(INTERRUPTED);
  await paused;
  await host.manager.resume(attempt.context.id);
  return host.script.next();
}

/** Has the attempt make a query. */
export function read({ context }: ScriptedAttempt, what: string): Promise<unknown> {
  return context.call(READ, { what });
}

/** Has the attempt make an action with an effect in the library. */
export function append({ context }: ScriptedAttempt, text: string): Promise<unknown> {
  return context.call(APPEND, { text });
}
