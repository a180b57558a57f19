import { once } from "node:events";
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { openSocketFolder } from "./socket-folder.js";
import { SOCKET_NAME } from "./protocol.js";

/** A server that listens in a data directory. */
export interface BoundSocket {
  /** Takes the socket away, so that nobody connects any more. Connections stay. Harmless when repeated. */
  unbind(): void;
}

/**
 * Lets a server listen on `<folder>/host.sock`. The socket is made in a folder that only this user can enter, given its
 * mode 0600 there, and moved into place: it is at no moment anybody else's, and takes the place of one that a dead process
 * left. (A umask would do the same, but is the whole process's, and worker threads may not set it.)
 *
 * The caller holds the data directory's lock, so that no other host does this at the same time.
 *
 * @throws the system's error, or as {@link openSocketFolder}.
 */
export async function bindSocket(server: Server, folder: string): Promise<BoundSocket> {
  const short = openSocketFolder(folder);
  const cradle = join(short.path, `${SOCKET_NAME}.new`);
  const place = join(short.path, SOCKET_NAME);
  try {
    rmSync(cradle, { recursive: true, force: true });
    mkdirSync(cradle, { mode: 0o700 });
    // Exclusive: in a worker of node:cluster this process listens, and not its primary.
    server.listen({ path: join(cradle, "s"), exclusive: true });
    await once(server, "listening");
    chmodSync(join(cradle, "s"), 0o600);
    const bound = lstatSync(join(cradle, "s"));
    renameSync(join(cradle, "s"), place);
    rmSync(cradle, { recursive: true, force: true });
    let isBound = true;
    return {
      unbind() {
        if (!isBound) return;
        isBound = false;
        try {
          const there = lstatSync(place, { throwIfNoEntry: false });
          if (there?.ino === bound.ino && there.dev === bound.dev) rmSync(place, { force: true });
        } finally {
          // Closing, the platform removes the path that it bound, which must still lead where it led then.
          server.close();
          short[Symbol.dispose]();
        }
      },
    };
  } catch (error) {
    server.close();
    rmSync(cradle, { recursive: true, force: true });
    short[Symbol.dispose]();
    throw error;
  }
}
