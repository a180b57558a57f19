import type { ErrorEnvelope } from "@spacedrive/wire";
import type { HostEvent, HostRequest, HostSettings } from "./host-link.js";

/** From the test to the process of its host. */
export type ToHostProcess =
  | { readonly type: "open"; readonly settings: HostSettings }
  | { readonly type: "request"; readonly sequence: number; readonly request: HostRequest }
  | { readonly type: "close" };

/** And back. */
export type FromHostProcess =
  | { readonly type: "opened" }
  | { readonly type: "refused"; readonly error: ErrorEnvelope }
  | { readonly type: "reply"; readonly sequence: number; readonly reply: HostReply }
  | { readonly type: "event"; readonly event: HostEvent };

export type HostReply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorEnvelope };
