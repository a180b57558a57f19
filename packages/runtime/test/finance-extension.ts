import { operation, type TestHost } from "./plugin-host.js";
import { relay, type Text, watGuest } from "./wat-guest.js";

/** Loads "finance" with one operation `go`, whose export is `body`'s. */
export async function loadFinance(
  host: TestHost,
  body: (text: Text) => string,
  options: { readonly permissions?: object; readonly operation?: object; readonly more?: readonly object[] } = {},
): Promise<void> {
  const { permissions = { methods: ["test.", "host."] } } = options;
  const operations = [operation("go", options.operation), ...(options.more ?? [])];
  await host.write("finance", await watGuest(body), { permissions, operations });
  await host.plugins.load("finance");
}

/** A guest whose operation `go` answers what another operation answers. */
export function relayTo(method: string): (text: Text) => string {
  return (text) => relay(text, "query_go_v1", method);
}

/** The method of `go`. */
export const GO = "query:finance:go.v1";
