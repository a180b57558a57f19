import { SourceMap } from "node:module";
import { parseJson } from "@spacedrive/wire";
import { printableLine } from "../guest/guest-text.js";

/** `    at name (wasm://wasm/module-hash:wasm-function[12]:0x1a2b)`, or without a name and brackets. */
const FRAME = /^\s*at (?:(.*) \()?wasm:\/\/wasm\/.*:wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;
const MAX_FRAMES = 12;
const MAX_NAME_CHARACTERS = 200;
/** Reading a source map holds the host's thread: a larger one is not worth it. */
const MAX_SOURCE_MAP_CHARACTERS = 4 * 1024 * 1024;

/** Turns V8's text of a guest's stack into lines for people, by a source map where there is one. */
export class GuestStackReader {
  readonly #sourceMapText: string | null;
  readonly #shift: number;
  #sourceMap: SourceMap | null | undefined;

  /** @param shift how many bytes the code lies further back than in the file that the source map describes. */
  constructor(sourceMap: string | null, shift: number) {
    this.#sourceMapText = sourceMap;
    this.#shift = shift;
  }

  read(stack: string): readonly string[] {
    const frames = stack.split("\n").flatMap((line) => {
      const match = FRAME.exec(line);
      return match === null ? [] : [this.#frame(match[1], Number(match[2]), Number.parseInt(match[3] ?? "0", 16))];
    });
    return frames.length <= MAX_FRAMES
      ? frames
      : [...frames.slice(0, MAX_FRAMES), `… ${frames.length - MAX_FRAMES} more`];
  }

  #frame(name: string | undefined, index: number, offset: number): string {
    const shown = name === undefined ? `function ${index}` : printableLine(name, MAX_NAME_CHARACTERS);
    const original = offset - this.#shift;
    const place = this.#place(original) ?? `byte 0x${original.toString(16)}`;
    return `${shown} (${place})`;
  }

  /** `file:line:column`, or null where the map does not know. */
  #place(offset: number): string | null {
    this.#sourceMap ??= this.#open();
    if (this.#sourceMap === null) return null;
    // A wasm source map has one generated line, whose columns are byte offsets.
    const entry = this.#sourceMap.findEntry(0, offset);
    // A segment may name no source, whatever its type says: the compiler's own code.
    if (!("originalSource" in entry) || typeof entry.originalSource !== "string") return null;
    return `${printableLine(entry.originalSource, MAX_NAME_CHARACTERS)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  }

  #open(): SourceMap | null {
    const text = this.#sourceMapText;
    if (text === null || text.length > MAX_SOURCE_MAP_CHARACTERS) return null;
    try {
      // Proof: SourceMap checks what it reads, and what it does not check fails below or in findEntry, where nothing is trusted.
      const payload = parseJson(text, "The source map") as ConstructorParameters<typeof SourceMap>[0];
      return new SourceMap(payload);
    } catch {
      // A stack without lines says more than a complaint about the map.
      return null;
    }
  }
}
