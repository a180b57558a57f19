import { register_job, register_operation } from "../env";
import { log } from "../log";
import { Result } from "../result";
import { firstText, secondText } from "./text-buffer";

/** False where the host refuses; the reason is then in the log. */
export function registerJob(name: string, exportName: string, resumable: bool): bool {
  firstText.set(name);
  secondText.set(exportName);
  const code = register_job(firstText.pointer, firstText.length, secondText.pointer, secondText.length, u32(resumable));
  return accepted(code, "job", name);
}

/** @param kind 0 query, 1 action */
export function registerOperation(kind: u32, name: string, exportName: string): bool {
  firstText.set(name);
  secondText.set(exportName);
  const code = register_operation(kind, firstText.pointer, firstText.length, secondText.pointer, secondText.length);
  return accepted(code, kind == 0 ? "query" : "action", name);
}

function accepted(code: i32, kind: string, name: string): bool {
  if (code == 0) return true;
  log.error("the host refused to register the " + kind + " `" + name + "`");
  return false;
}

/** What `plugin_init` and `plugin_cleanup` return for a hook's result. */
export function hookCode(hook: string, result: Result<void>): i32 {
  const failure = result.failure;
  if (failure === null) return 0;
  log.error(hook + " failed: " + failure.toString());
  return 1;
}
