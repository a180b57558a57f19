export { runCommandLine } from "./command-line.js";
export { type BuildOptions, type BuiltExtension, buildExtension } from "./compile/build-extension.js";
