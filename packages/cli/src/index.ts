export { runCommandLine } from "./command-line.js";
export { type BuildOptions, type BuiltExtension, buildExtension } from "./build/build-extension.js";
