import { PREVIEW1_MODULE } from "../preview1/preview1-signatures.js";
import { WatchedPreview1, type WatchedPreview1Options } from "./watched-preview1.js";

type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type Start = (...operands: readonly unknown[]) => Promise<unknown>;

/**
 * From now on each instance of this thread that is a command imports watched functions: the one that warms the thread up, and
 * the guest. For a thread of the SDK's, which makes the instance by itself and leaves no other way to see what it does.
 */
export function watchInstances(options: WatchedPreview1Options): void {
  let watched: WatchedPreview1 | null = null;
  let started: unknown = null;
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, given: [WebAssembly.Module, Imports?]) {
      const [module, imports = {}] = given;
      const isCommand = WebAssembly.Module.exports(module).some(({ name }) => name === "_start");
      if (!isCommand) return new target(...given);
      watched = new WatchedPreview1(options);
      const functions = watched.watch(imports[PREVIEW1_MODULE] ?? {});
      const instance = new target(module, { ...imports, [PREVIEW1_MODULE]: functions });
      // Proof: admission saw the export "memory", and that it is one.
      watched.begin(instance.exports["memory"] as WebAssembly.Memory);
      started = instance.exports["_start"];
      return instance;
    },
  });
  const { promising } = WebAssembly;
  // Where there is none the SDK does without, and must not find one.
  if (promising === undefined) return;
  WebAssembly.promising = (run: unknown): Start => {
    const start = promising(run);
    if (run !== started) return start;
    return async (...operands) => {
      try {
        return await start(...operands);
      } finally {
        watched?.look();
      }
    };
  };
}
