import { displayWidth, fitWidth } from "./display-width.js";
import { printableLine } from "./printable.js";
import type { Terminal } from "./terminal.js";

/** What a progress line shows. */
export interface ProgressView {
  readonly label: string;
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string;
  /** Figures at the end of the line, such as `12 items`. */
  readonly figures: string;
}

const REDRAW_MS = 80;
const PLAIN_LINE_MS = 1000;
const BAR_COLUMNS = 24;

/**
 * Shows how far something is: on a terminal one line, redrawn in place; elsewhere at most a plain line a second, and one
 * for the end.
 */
export class ProgressLine {
  readonly #terminal: Terminal;
  #view: ProgressView | null = null;
  #shown: ProgressView | null = null;
  #lastAt = 0;
  #drawnWidth = 0;
  #offResize: (() => void) | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    if (!terminal.canRedraw) return;
    terminal.setLiveLine({ clear: () => this.#clear(), draw: () => this.#draw() });
    this.#offResize = terminal.onResize(() => {
      this.#clear();
      this.#draw();
    });
  }

  update(view: ProgressView): void {
    this.#view = view;
    const wait = (this.#terminal.canRedraw ? REDRAW_MS : PLAIN_LINE_MS) - (performance.now() - this.#lastAt);
    if (this.#shown === null || wait <= 0) this.#show();
    // The last update of a burst must not stay unseen until the next one comes.
    else if (this.#terminal.canRedraw) this.#timer ??= setTimeout(() => this.#show(), wait).unref();
  }

  /** Ends the line; the last state stays on the screen. Harmless twice. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#view !== null && this.#view !== this.#shown) this.#show();
    this.#offResize?.();
    this.#offResize = null;
    if (this.#terminal.canRedraw && this.#drawnWidth > 0) this.#terminal.draw("\n");
    this.#drawnWidth = 0;
    this.#view = null;
    this.#terminal.setLiveLine(null);
  }

  #show(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const view = this.#view;
    if (view === null) return;
    this.#lastAt = performance.now();
    this.#shown = view;
    if (this.#terminal.canRedraw) {
      this.#clear();
      this.#draw();
    } else {
      const parts = [percent(view.fraction), printableLine(view.message), view.figures].filter((part) => part !== "");
      this.#terminal.note(`${view.label}: ${parts.join("  ")}`);
    }
  }

  #clear(): void {
    if (this.#drawnWidth === 0) return;
    // A terminal that became narrower has broken the line into several rows: all of them go.
    const rows = Math.ceil(this.#drawnWidth / this.#terminal.columns());
    this.#terminal.draw(`${rows > 1 ? `\u001b[${rows - 1}A` : ""}\r\u001b[0J`);
    this.#drawnWidth = 0;
  }

  #draw(): void {
    if (this.#view === null) return;
    // One column stays free: some terminals break a line that fills the last one.
    const { plain, colored } = layOut(this.#view, this.#terminal.columns() - 1, this.#terminal);
    this.#drawnWidth = displayWidth(plain);
    this.#terminal.draw(colored);
  }
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)}%`;
}

/** The parts that fit, the least important left out first: bar, message, figures, label. */
function layOut(view: ProgressView, columns: number, terminal: Terminal): { plain: string; colored: string } {
  const colors = terminal.errColors;
  const done = percent(view.fraction).padStart(4);
  const label = view.label;
  let left = columns - displayWidth(label) - done.length - 1;
  if (left < 0) {
    const plain = fitWidth(`${done.trim()} ${label}`, columns);
    return { plain, colored: plain };
  }

  const bar = left >= BAR_COLUMNS + 1 + 12 ? BAR_COLUMNS : 0;
  if (bar > 0) left -= bar + 1;
  const figures = view.figures !== "" && left >= displayWidth(view.figures) + 2 ? view.figures : "";
  if (figures !== "") left -= displayWidth(figures) + 2;
  const message = left >= 8 ? fitWidth(printableLine(view.message), left - 2) : "";

  const filled = Math.round(view.fraction * bar);
  const blocks = "█".repeat(filled);
  const rest = "░".repeat(bar - filled);
  const tail = [message, figures].filter((part) => part !== "");
  return {
    plain: [`${label} ${bar > 0 ? `${blocks}${rest} ` : ""}${done}`, ...tail].join("  "),
    colored: [
      `${colors.bold(label)} ${bar > 0 ? `${colors.cyan(blocks)}${colors.dim(rest)} ` : ""}${done}`,
      ...(message === "" ? [] : [message]),
      ...(figures === "" ? [] : [colors.dim(figures)]),
    ].join("  "),
  };
}
