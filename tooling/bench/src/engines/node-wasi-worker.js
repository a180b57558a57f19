// JavaScript, so that a fresh thread does not pay for stripping types.
import { closeSync, openSync } from "node:fs";
import { WASI } from "node:wasi";
import { parentPort, workerData } from "node:worker_threads";

const { module, input, output } = workerData;
const stdin = openSync(input, "r");
const stdout = openSync(output, "w");
const wasi = new WASI({ version: "preview1", args: [], env: {}, preopens: {}, stdin, stdout });
const instance = new WebAssembly.Instance(module, wasi.getImportObject());
wasi.start(instance);
closeSync(stdin);
closeSync(stdout);
parentPort?.close();
