export { createWasiEngine, type WasiEngineOptions, type WasiTransport } from "./wasi-engine.js";
export { WASI_PROTOCOL_VERSION } from "./protocol/protocol.js";
