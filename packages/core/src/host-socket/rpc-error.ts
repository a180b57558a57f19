import { type ErrorEnvelope, isEnvelope, SpacedriveError, toEnvelope, fromEnvelope } from "@spacedrive/wire";
import { createJSONRPCErrorResponse, type JSONRPCErrorResponse } from "json-rpc-2.0";
import { RPC_CODES, type RequestId } from "./protocol.js";

/** A failure of the protocol itself, which has a code of JSON-RPC's own. */
export class RpcFault extends Error {
  readonly rpcCode: number;
  readonly reason: SpacedriveError;

  constructor(rpcCode: number, reason: SpacedriveError) {
    super(reason.message);
    this.rpcCode = rpcCode;
    this.reason = reason;
  }
}

/** The response that carries an error: JSON-RPC's code, our text, and our envelope as its `data`. */
export function errorResponse(id: RequestId, thrown: unknown): JSONRPCErrorResponse {
  const reason = thrown instanceof RpcFault ? thrown.reason : thrown;
  const envelope: ErrorEnvelope = toEnvelope(reason);
  const code = thrown instanceof RpcFault ? thrown.rpcCode : RPC_CODES.server;
  return createJSONRPCErrorResponse(id, code, envelope.error, envelope);
}

/** The error that a response carries. One without our envelope is of somebody who speaks only JSON-RPC. */
export function errorFromResponse(error: { readonly message: string; readonly data?: unknown }): SpacedriveError {
  if (isEnvelope(error.data)) return fromEnvelope(error.data);
  return new SpacedriveError("OPERATION_FAILED", `The host answered: ${error.message}`);
}

/** For what was not begun. */
export function hostClosing(): SpacedriveError {
  return new SpacedriveError("CLOSED", "The host is closing, and did not begin the call. Try again when it runs.");
}
