export type { WasiTransport } from "./choose-transport.js";
export { createWasiEngine, type WasiEngineOptions } from "./wasi-engine.js";
export { WASI_PROTOCOL_VERSION } from "./protocol/protocol.js";
