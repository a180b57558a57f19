import pc from "picocolors";
import type { Terminal } from "../src/terminal/terminal.js";

/** A terminal that writes down what it is told, of the kind that a test wants. */
export interface RecordingTerminal extends Terminal {
  readonly lines: string[];
  /** What was drawn on stderr, as it is. */
  readonly drawn: string[];
  width: number;
}

export function recordingTerminal(kind: Partial<Pick<Terminal, "canRedraw" | "canAsk">> = {}): RecordingTerminal {
  const colors = pc.createColors(false);
  const terminal: RecordingTerminal = {
    lines: [],
    drawn: [],
    width: 80,
    print: (line) => void terminal.lines.push(line),
    note: (line) => void terminal.lines.push(line),
    draw: (text) => void terminal.drawn.push(text),
    outColors: colors,
    errColors: colors,
    outIsTerminal: false,
    canRedraw: false,
    canAsk: false,
    columns: () => terminal.width,
    outColumns: () => Number.POSITIVE_INFINITY,
    setLiveLine: () => {},
    onResize: () => () => {},
    ...kind,
  };
  return terminal;
}
