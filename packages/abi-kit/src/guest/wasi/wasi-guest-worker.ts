import { WASI } from "node:wasi";
import { workerData } from "node:worker_threads";
import { ASK, ask, CHANNEL_BYTES, type GuestChannel, openChannel } from "./channel.js";

/** What the thread is given. */
export interface WasiGuestOrder {
  readonly module: WebAssembly.Module;
  readonly shared: SharedArrayBuffer;
}

const SUCCESS = 0;
const BADF = 8;

/** The standard streams of preview1, which lead to the strict host; all else is Node's. */
function streams(channel: GuestChannel, memory: () => DataView): Record<string, (...values: number[]) => number> {
  const ranges = (vectors: number, count: number): readonly Uint8Array[] => {
    const view = memory();
    return Array.from({ length: count }, (_, index) => {
      const pointer = view.getUint32(vectors + 8 * index, true);
      return new Uint8Array(view.buffer, pointer, view.getUint32(vectors + 8 * index + 4, true));
    });
  };
  return {
    fd_read(fd = 0, vectors = 0, count = 0, read = 0) {
      if (fd !== 0) return BADF;
      const targets = ranges(vectors >>> 0, count);
      const room = targets.reduce((sum, { length }) => sum + length, 0);
      const length = room === 0 ? 0 : ask(channel, ASK.READ, fd, Math.min(room, CHANNEL_BYTES));
      let done = 0;
      for (const target of targets) {
        const part = channel.bytes.subarray(done, Math.min(length, done + target.length));
        target.set(part);
        done += part.length;
      }
      memory().setUint32(read >>> 0, length, true);
      return SUCCESS;
    },
    fd_write(fd = 0, vectors = 0, count = 0, written = 0) {
      if (fd !== 1 && fd !== 2) return BADF;
      let length = 0;
      for (const source of ranges(vectors >>> 0, count)) {
        const part = source.subarray(0, CHANNEL_BYTES - length);
        channel.bytes.set(part, length);
        length += part.length;
      }
      memory().setUint32(written >>> 0, ask(channel, ASK.WRITE, fd, length), true);
      return SUCCESS;
    },
  };
}

function run({ module, shared }: WasiGuestOrder): void {
  const channel = openChannel(shared);
  try {
    const wasi = new WASI({ version: "preview1", args: [], env: {}, preopens: {}, returnOnExit: true });
    let exports: WebAssembly.Exports = {};
    const memory = (): DataView => {
      // Proof: admission saw the export "memory", that it is one, and that nothing runs before _start.
      const { buffer } = exports["memory"] as WebAssembly.Memory;
      return new DataView(buffer);
    };
    const imports = { wasi_snapshot_preview1: { ...wasi.wasiImport, ...streams(channel, memory) } };
    const instance = new WebAssembly.Instance(module, imports);
    exports = instance.exports;
    ask(channel, ASK.EXIT, wasi.start(instance), 0);
  } catch (thrown) {
    const message = new TextEncoder().encode(thrown instanceof Error ? thrown.message : String(thrown));
    channel.bytes.set(message.subarray(0, CHANNEL_BYTES));
    ask(channel, ASK.TRAP, 0, Math.min(message.length, CHANNEL_BYTES));
  }
}

// Proof: only the strict host starts this file, with an order.
run(workerData as WasiGuestOrder);
