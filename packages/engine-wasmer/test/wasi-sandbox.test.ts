import { DEFAULT_GUEST_LIMITS } from "@spacedrive/runtime/engine";
import { describe, expect, test } from "vitest";
import type { WasiTransport } from "../src/index.js";
import { answerOf } from "./preview1-answer.js";

const MB = 1024 * 1024;
const i32 = (...values: readonly number[]): string => values.map((value) => `(i32.const ${value})`).join(" ");
/** Opens the file "f" of the working directory, made new with `flags`, and puts its number at 16. */
const openFile = (flags: number): string =>
  `(i32.store8 (i32.const 300) (i32.const 102))
  (local.set $answer (call $path_open ${i32(4, 0, 300, 1, flags)} (i64.const 0x1fffffff) (i64.const 0) ${i32(0, 16)}))`;
const CREATE = 1;
const LOADED = "(local.set $answer (i32.load (i32.const 0)))";

describe.each(["shim", "wasmer"] satisfies WasiTransport[])("a command on the transport %s", (transport) => {
  test("has no environment", async () => {
    expect(await answerOf(transport, "environ_sizes_get", i32(0, 4), "", LOADED)).toBe(0);
  });

  test("has no arguments but its name", async () => {
    const count = transport === "shim" ? 0 : 1;
    expect(await answerOf(transport, "args_sizes_get", i32(0, 4), "", LOADED)).toBe(count);
  });

  // Of sockets preview1 has only what others have opened; none is.
  test.each([4, 7])("has no socket by the number %i", async (fd) => {
    const answer = await answerOf(transport, "sock_accept", i32(fd, 0, 16));
    expect(answer).toBeGreaterThan(0);
  });

  test.each(["etc/passwd", "/etc/passwd", "../../../../../../etc/passwd", "proc/self/environ", "package.json"])(
    "cannot open %s of the host, whatever it opens it from",
    async (path) => {
      const open = (fd: number): string =>
        `(call $path_open ${i32(fd, 1, 300, path.length, 0)} (i64.const 2) (i64.const 0) ${i32(0, 16)})`;
      // How many of the first files it could open it from.
      const count = [4, 5, 6, 7]
        .map((fd) => `(local.set $answer (i32.add (local.get $answer) (i32.eqz ${open(fd)})))`)
        .join(" ");
      const bytes = [...Buffer.from(path)]
        .map((byte, i) => `(i32.store8 (i32.const ${300 + i}) (i32.const ${byte}))`)
        .join(" ");
      const operands = `${i32(3, 1, 300, path.length, 0)} (i64.const 2) (i64.const 0) ${i32(0, 16)}`;
      const counted = `(local.set $answer (i32.eqz (local.get $answer))) ${count}`;
      expect(await answerOf(transport, "path_open", operands, bytes, counted)).toBe(0);
    },
  );
});

describe.each(["shim", "wasmer"] satisfies WasiTransport[])(
  "the files of a command on the transport %s",
  (transport) => {
    const file = "(i32.load (i32.const 16))";
    const sized = (size: number): Promise<number> =>
      answerOf(transport, "fd_filestat_set_size", `${file} (i64.const ${size})`, openFile(CREATE), "", ["path_open"]);

    test("are its own, and gone with it", async () => {
      const open = (flags: number): Promise<number> =>
        answerOf(
          transport,
          "path_open",
          `${i32(4, 0, 300, 1, flags)} (i64.const 0) (i64.const 0) ${i32(0, 16)}`,
          openFile(flags),
        );
      expect(await open(CREATE)).toBe(0);
      expect(await open(0)).toBe(44);
    });

    test("cannot be made larger than 64 MB, by no way", async () => {
      expect(await sized(1024)).toBe(0);
      expect(await sized(64 * MB + 1)).toBe(22);
      const far = `${file} ${i32(4, 1)} (i64.const ${4 * 1024 * MB}) ${i32(24)}`;
      const open = `${openFile(CREATE)} (i32.store (i32.const 8) (i32.const 10))`;
      expect(await answerOf(transport, "fd_pwrite", far, open, "", ["path_open"])).toBe(22);
    });

    test("take no write of 100 MB at once", async () => {
      const vector = `(i32.store (i32.const 4) (i32.const 0)) (i32.store (i32.const 8) (i32.const ${100 * MB}))`;
      const large = `${openFile(CREATE)} (drop (memory.grow (i32.const 1600))) ${vector}`;
      const write = (name: string, operands: string): Promise<number> =>
        answerOf(transport, name, operands, large, "", ["path_open"]);
      const refused = transport === "shim" ? 22 : 51;
      expect(await write("fd_write", `${file} ${i32(4, 1, 24)}`)).toBe(refused);
      expect(await write("fd_pwrite", `${file} ${i32(4, 1)} (i64.const 0) ${i32(24)}`)).toBe(refused);
    });

    test("have room for 16 MB, and none for a gigabyte", async () => {
      // Writes one page again and again, as often as it goes, and answers how many tens of MB it came to.
      const write = `(call $fd_write ${file} ${i32(4, 1, 24)})`;
      const fill = `${openFile(CREATE)} (i32.store (i32.const 4) (i32.const 0)) (i32.store (i32.const 8) (i32.const 65536))
      (loop $more (local.set $answer ${write}) (local.set $i (i32.add (local.get $i) (i32.load (i32.const 24))))
        (br_if $more (i32.and (i32.eqz (local.get $answer)) (i32.lt_u (local.get $i) (i32.const ${1000 * MB})))))`;
      const after = `(local.set $answer (i32.div_u (local.get $i) (i32.const ${10 * MB})))`;
      expect(await answerOf(transport, "fd_write", `${file} ${i32(4, 1, 24)}`, fill, "", ["path_open"])).toBe(51);
      const tens = await answerOf(transport, "sched_yield", "", fill, after, ["path_open"]);
      expect(tens).toBeGreaterThanOrEqual(1);
      expect(tens).toBeLessThanOrEqual(13);
    });
  },
);

test("the files of a command on the shim have no more room than its memory may have", async () => {
  const limits = { ...DEFAULT_GUEST_LIMITS, maxMemoryBytes: 2 * MB };
  const sized = (size: number): Promise<number> => {
    const operands = `(i32.load (i32.const 16)) (i64.const ${size})`;
    return answerOf("shim", "fd_filestat_set_size", operands, openFile(CREATE), "", ["path_open"], limits);
  };
  expect(await sized(MB)).toBe(0);
  expect(await sized(2 * MB + 1)).toBe(22);
});
