import { SpacedriveError } from "@spacedrive/wire";

const LINE_FEED = 10;
/** Far above what a vector brings or takes: whatever is longer has no end. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/**
 * The lines of a stream, ended by line feeds alone. Node's readline ends them at U+2028 and at a lone carriage return
 * as well, and the first may stand in JSON text as it is.
 *
 * @throws SpacedriveError `INVALID_INPUT` for a line without end.
 */
export async function* readLines(
  input: NodeJS.ReadableStream,
  maxBytes: number = MAX_LINE_BYTES,
): AsyncIterable<string> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of input) {
    const chunk = Buffer.from(piece);
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, end)]).toString("utf8");
      [parts, bytes, from] = [[], 0, end + 1];
    }
    bytes += chunk.length - from;
    if (bytes > maxBytes) {
      throw new SpacedriveError("INVALID_INPUT", `A line went on over ${maxBytes} bytes without an end.`);
    }
    if (from < chunk.length) parts.push(chunk.subarray(from));
  }
  if (parts.length > 0) yield Buffer.concat(parts).toString("utf8");
}
