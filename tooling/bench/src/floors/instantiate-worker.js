// JavaScript, so that a fresh thread does not pay for stripping types.
import { parentPort } from "node:worker_threads";

parentPort?.on("message", async (module) => {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  await WebAssembly.instantiate(module, imports);
  parentPort?.postMessage("ready");
});
