import { SourceMap } from "node:module";
import { parseJson, printableLine } from "@spacedrive/wire";

/** `    at name (wasm://wasm/module-hash:wasm-function[12]:0x1a2b)`, or without a name and brackets. */
const FRAME = /^\s*at (?:(.*) \()?wasm:\/\/wasm\/.*:wasm-function\[(\d+)\]:0x([0-9a-f]+)\)?$/;
const MAX_FRAMES = 12;
const MAX_NAME_CHARACTERS = 200;
/** Reading a source map holds the host's thread: a larger one is not worth it. */
const MAX_SOURCE_MAP_CHARACTERS = 4 * 1024 * 1024;
/** Sources, names and the like, keys counted. */
const MAX_SOURCE_MAP_VALUES = 50_000;
/** The platform keeps each as a list of its own: as many take 10 MB and 30 ms. An extension of 84 KB has 12,000. */
const MAX_MAPPINGS = 100_000;
/** Segments that are looked at for one frame. */
const MAX_SEGMENTS = 256;
/** Sources of the language and of packages, and names of what they define. */
const LIBRARY = "~lib/";
const COMMA = 0x2c;
const SEMICOLON = 0x3b;

/** Turns V8's text of a guest's stack into lines for people, by a source map where there is one. */
export class GuestStackReader {
  readonly #sourceMapText: string | null;
  readonly #shift: number;
  readonly #bodyStarts: Uint32Array;
  #sourceMap: SourceMap | null | undefined;

  /**
   * @param shift how many bytes the code lies further back than in the file that the source map describes.
   * @param bodyStarts where each function's body begins in that file, by index.
   */
  constructor(sourceMap: string | null, shift: number, bodyStarts: Uint32Array) {
    this.#sourceMapText = sourceMap;
    this.#shift = shift;
    this.#bodyStarts = bodyStarts;
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
    const places = this.#places(original, this.#bodyStarts[index] ?? 0, name?.startsWith(LIBRARY) === true);
    return `${shown} (${places ?? `byte 0x${original.toString(16)}`})`;
  }

  /**
   * `file:line:column` of the nearest code with a source at the offset or before it in the function: what the compiler
   * made by itself, the call after a `throw` for one, has none. Where that is library code inlined into an author's
   * function, the author's nearest line stands first. Null where the map does not know.
   */
  #places(offset: number, bodyStart: number, ofLibrary: boolean): string | null {
    this.#sourceMap ??= this.#open();
    if (this.#sourceMap === null) return null;
    let nearest: string | null = null;
    let at = offset;
    for (let i = 0; i < MAX_SEGMENTS && at >= bodyStart; i++) {
      // A wasm source map has one generated line, whose columns are byte offsets.
      const entry = this.#sourceMap.findEntry(0, at);
      if (!("generatedColumn" in entry) || !(entry.generatedColumn >= bodyStart && entry.generatedColumn <= at)) break;
      at = entry.generatedColumn - 1;
      // A segment may name no source, whatever its type says.
      if (typeof entry.originalSource !== "string") continue;
      const isAuthors = !entry.originalSource.startsWith(LIBRARY);
      if (nearest !== null && !isAuthors) continue;
      const source = printableLine(entry.originalSource, MAX_NAME_CHARACTERS);
      const place = `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
      if (isAuthors || ofLibrary) return nearest === null ? place : `near ${place}, in ${nearest}`;
      nearest = place;
    }
    return nearest;
  }

  #open(): SourceMap | null {
    const text = this.#sourceMapText;
    if (text === null || text.length > MAX_SOURCE_MAP_CHARACTERS) return null;
    try {
      const payload = parseJson(text, "The source map", "INVALID_INPUT", { maxValues: MAX_SOURCE_MAP_VALUES });
      // Proof: SourceMap checks what it reads, and what it does not check fails below or in findEntry, where nothing is trusted.
      return isAffordable(payload) ? new SourceMap(payload as ConstructorParameters<typeof SourceMap>[0]) : null;
    } catch {
      // A stack without lines says more than a complaint about the map.
      return null;
    }
  }
}

/** One that is put together of several maps is not: compilers to wasm make none, and each part has mappings of its own. */
function isAffordable(payload: unknown): boolean {
  if (typeof payload !== "object" || payload === null || "sections" in payload) return false;
  if (!("mappings" in payload) || typeof payload.mappings !== "string") return false;
  const { mappings } = payload;
  let separators = 0;
  for (let at = 0; at < mappings.length && separators < MAX_MAPPINGS; at++) {
    const character = mappings.charCodeAt(at);
    if (character === COMMA || character === SEMICOLON) separators++;
  }
  return separators < MAX_MAPPINGS;
}
