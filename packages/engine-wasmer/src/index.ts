export { createWasiEngine, type WasiEngineOptions } from "./wasi-engine.js";
export { WASI_PROTOCOL_VERSION } from "./protocol/protocol.js";
