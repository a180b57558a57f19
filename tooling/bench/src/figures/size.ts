import { stat } from "node:fs/promises";
import type { Figure } from "../figure.ts";
import { testExtensionWasm } from "../host/test-extension.ts";

export const figures: readonly Figure[] = [
  {
    name: "size",
    title: "the counter extension's wasm",
    unit: "KB",
    better: "lower",
    targets: [{ kind: "at-most", value: 40 }],
    rounds: 1,
    subject: {
      name: "extensions/test-extension, name section included, in units of 1,000 bytes",
      async open() {
        const file = testExtensionWasm();
        return {
          round: async () => [(await stat(file)).size / 1000],
          async [Symbol.asyncDispose]() {},
        };
      },
    },
  },
];
