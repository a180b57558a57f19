import { defineQuery, type Operation, silentLogger } from "@spacedrive/wire";
import { z } from "zod";
import { HostSocket } from "../src/host-socket/host-socket.js";
import type { SocketLimits } from "../src/host-socket/protocol.js";
import { type Core, openCore } from "../src/index.js";
import { tempFolder } from "./temp-folder.js";

/** What the tests' operations saw. */
export interface Seen {
  /** Resolves once a call waits. */
  readonly waiting: Promise<void>;
  /** Resolves once a waiting call was given up. */
  readonly givenUp: Promise<void>;
  /** Lets waiting calls answer. */
  answer(): void;
}

/** `query:test.wait.v1` answers when it is told to, or given up; `query:test.long.v1` answers many bytes. */
export function waitingOperations(): { operations: Operation[]; seen: Seen } {
  const waiting = Promise.withResolvers<void>();
  const givenUp = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const wait = defineQuery({
    name: "test.wait",
    scope: "host",
    input: z.object({}),
    output: z.object({}),
    async run(ctx) {
      waiting.resolve();
      const aborted = new Promise<void>((resolve) => ctx.signal.addEventListener("abort", () => resolve()));
      void aborted.then(givenUp.resolve);
      await Promise.race([answered.promise, aborted]);
      return {};
    },
  });
  const long = defineQuery({
    name: "test.long",
    scope: "host",
    input: z.object({ bytes: z.int() }),
    output: z.string(),
    run: (_ctx, { bytes }) => "x".repeat(bytes),
  });
  return {
    operations: [wait, long],
    seen: { waiting: waiting.promise, givenUp: givenUp.promise, answer: answered.resolve },
  };
}

/** A core whose socket has other limits than a host's. */
export interface ServedCore extends AsyncDisposable {
  readonly core: Core;
  readonly socket: HostSocket;
  readonly path: string;
  readonly seen: Seen;
  /** Of the library `home`. */
  readonly library: string;
}

export async function serveCore(limits: Partial<SocketLimits> = {}): Promise<ServedCore> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await tempFolder());
  const { operations, seen } = waitingOperations();
  const core = stack.use(await openCore({ dataDir: dir.path, operations, socket: false }));
  const library = await core.libraries.open("home");
  const socket = stack.use(await HostSocket.listen({ folder: dir.path, logger: silentLogger, limits }));
  socket.serve(core);
  const kept = stack.move();
  return {
    core,
    socket,
    path: socket.path,
    seen,
    library: library.id,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
