import { describe, expect, test } from "vitest";
import { checkHost } from "../src/host/check-host.js";
import { loadWasiVectors } from "../src/vectors/load-wasi-vectors.js";
import { createWasiHost } from "../src/wasi/wasi-host.js";

const TRANSPORTS_PART =
  /\/(?:turns\/(?:end-of|exits|returns|read-|request-|over-|trap-)|faults\/(?:traps$|traps-at|loops|memory)|world\/(?:no-|one-))/;

describe("@spacedrive/engine-wasmer", () => {
  test("keeps every promise that a vector holds, on our own preview1", { timeout: 300_000 }, async () => {
    await using host = createWasiHost("shim");
    const results = await checkHost(host, loadWasiVectors());
    expect(results.filter(({ status }) => status !== "passed")).toEqual([]);
  });

  // All on the SDK take minutes, most of them to start it: `abi-kit host` runs them. In these the transport has a part.
  test("keeps those of turns and faults on @wasmer/sdk, and declines only what it does not see", {
    timeout: 600_000,
  }, async () => {
    await using host = createWasiHost("wasmer");
    const vectors = loadWasiVectors().filter(({ id }) => TRANSPORTS_PART.test(id));
    const results = await checkHost(host, vectors);
    expect(results.filter(({ status }) => status === "failed")).toEqual([]);
    expect(results.filter(({ status }) => status === "skipped").map(({ vector }) => vector)).toEqual([
      "wasi/v1/turns/request-before-the-reply-is-read",
    ]);
  });
});
