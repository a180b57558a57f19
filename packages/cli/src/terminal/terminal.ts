import type { WriteStream } from "node:tty";
import pc from "picocolors";

type Colors = ReturnType<typeof pc.createColors>;

/** A line that is redrawn in place, such as a progress bar; other lines are printed above it. */
export interface LiveLine {
  clear(): void;
  draw(): void;
}

/** Where a command prints: what was asked for on stdout, everything else on stderr. */
export interface Terminal {
  /** A line of what the command was asked for. */
  print(line: string): void;
  /** A line about what is going on. */
  note(line: string): void;
  /** Text on stderr as it is, without a line's end. */
  draw(text: string): void;
  /** Colours for stdout and for stderr; plain where the stream is no terminal or NO_COLOR is set. */
  readonly outColors: Colors;
  readonly errColors: Colors;
  /** True where stdout is a terminal: tables and indented JSON for people. */
  readonly outIsTerminal: boolean;
  /** True where stderr can redraw a line. */
  readonly canRedraw: boolean;
  /** True where a person can be asked something. */
  readonly canAsk: boolean;
  /** Columns of stderr now. */
  columns(): number;
  /** Columns of stdout now; without end where it is no terminal. */
  outColumns(): number;
  /** Sets or takes away the line that stays below the notes. */
  setLiveLine(line: LiveLine | null): void;
  onResize(listener: () => void): () => void;
}

function colorful(stream: WriteStream | NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  // A pipe has no isTTY at all, and picocolors takes undefined for "find out", which says yes wherever CI is set.
  return stream.isTTY === true && (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}

const USUAL_COLUMNS = 80;

/** The width that a terminal says; some say 0 until somebody looks at them, such as one that a program made. */
export function columnsOf({ columns }: { readonly columns?: number }): number {
  return columns === undefined || columns === 0 ? USUAL_COLUMNS : columns;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  let live: LiveLine | null = null;
  const above = (write: () => void): void => {
    live?.clear();
    write();
    live?.draw();
  };
  return {
    print(line) {
      above(() => stdout.write(`${line}\n`));
    },
    note(line) {
      above(() => stderr.write(`${line}\n`));
    },
    draw(text) {
      stderr.write(text);
    },
    outColors: pc.createColors(colorful(stdout, env)),
    errColors: pc.createColors(colorful(stderr, env)),
    outIsTerminal: stdout.isTTY,
    canRedraw: stderr.isTTY && env["TERM"] !== "dumb",
    canAsk: stdin.isTTY && stderr.isTTY,
    columns: () => columnsOf(stderr),
    outColumns: () => (stdout.isTTY ? columnsOf(stdout) : Number.POSITIVE_INFINITY),
    setLiveLine(line) {
      live?.clear();
      live = line;
    },
    onResize(listener) {
      stderr.on("resize", listener);
      return () => stderr.off("resize", listener);
    },
  };
}
