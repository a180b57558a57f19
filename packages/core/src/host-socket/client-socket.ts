import { once } from "node:events";
import { lstatSync, realpathSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { isSpacedriveError, SpacedriveError } from "@spacedrive/wire";
import { errnoOf } from "../paths/contained-file.js";
import { SOCKET_NAME } from "./protocol.js";
import { openSocketFolder } from "./socket-folder.js";

/**
 * Connects to the socket of a data directory, paused, so that nothing is read before somebody listens.
 *
 * @throws SpacedriveError `HOST_UNREACHABLE` where nobody listens there, `PATH_DENIED` where somebody else could.
 */
export async function openClientSocket(dataDir: string): Promise<Socket> {
  try {
    using short = openSocketFolder(realpathSync.native(dataDir));
    const path = join(short.path, SOCKET_NAME);
    checkSocket(path, dataDir);
    const socket = createConnection({ path });
    socket.pause();
    await once(socket, "connect");
    return socket;
  } catch (cause) {
    if (isSpacedriveError(cause)) throw cause;
    const reason = errnoOf(cause) ?? "unknown";
    throw new SpacedriveError("HOST_UNREACHABLE", `No host serves "${join(dataDir, SOCKET_NAME)}" (${reason}).`, {
      cause,
    });
  }
}

/** What is said to a host is not for another user who put a socket in its place. */
function checkSocket(path: string, dataDir: string): void {
  const socket = lstatSync(path);
  const user = process.geteuid?.();
  if (socket.isSocket() && (user === undefined || socket.uid === user || socket.uid === 0)) return;
  throw new SpacedriveError(
    "PATH_DENIED",
    `"${join(dataDir, SOCKET_NAME)}" is ${socket.isSocket() ? "another user's" : "no socket"}: nothing is said to it.`,
  );
}
