import { describe, expect, test } from "vitest";
import type { WasiTransport } from "../src/index.js";
import { answerOf } from "./preview1-answer.js";

const i32 = (...values: readonly number[]): string => values.map((value) => `(i32.const ${value})`).join(" ");
const LOADED = "(local.set $answer (i32.load (i32.const 0)))";

describe.each(["shim", "wasmer"] satisfies WasiTransport[])("a command on the transport %s", (transport) => {
  test("has no environment", async () => {
    expect(await answerOf(transport, "environ_sizes_get", i32(0, 4), "", LOADED)).toBe(0);
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
