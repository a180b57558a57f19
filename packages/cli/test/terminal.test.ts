import { describe, expect, it } from "vitest";
import { displayWidth, fitWidth } from "../src/terminal/display-width.js";
import { printable, printableLine } from "../src/terminal/printable.js";
import { ProgressLine } from "../src/terminal/progress-line.js";
import { formatBytes, formatDuration } from "../src/terminal/quantity.js";
import { formatTable } from "../src/terminal/table.js";
import { columnsOf } from "../src/terminal/terminal.js";
import { recordingTerminal } from "./recording-terminal.js";

const view = { label: "hello:greet_all", fraction: 0.5, message: "Greeted Ada", figures: "12 items" };

describe("text of strangers", () => {
  it("cannot send an escape sequence, a bell or a change of direction to a terminal", () => {
    expect(printable("a\u200bb\u061cc\u2028d")).toBe("a\\u200bb\\u061cc\\u2028d");
    expect(printable("\u001b[2Jgone\u0007\u202etxt.exe\u009b1m")).toBe("\\x1b[2Jgone\\x07\\u202etxt.exe\\x9b1m");
  });

  it("keeps its lines, or becomes one", () => {
    expect(printable("a\nb\tc")).toBe("a\nb\tc");
    expect(printableLine("a\r\nb\tc")).toBe("a b c");
  });
});

describe("widths", () => {
  it("are the usual one where a terminal does not say its own", () => {
    expect([{}, { columns: 0 }, { columns: 1 }, { columns: 132 }].map(columnsOf)).toEqual([80, 80, 1, 132]);
  });

  it.each([
    ["abc", 3],
    ["東京", 4],
    ["e\u0301", 1],
    ["🌍", 2],
  ])("%s takes %i columns", (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it("cuts between characters, and shows that it did", () => {
    expect(fitWidth("東京です", 5)).toBe("東京…");
    expect(fitWidth("abc", 3)).toBe("abc");
  });
});

describe("a table", () => {
  it("aligns by what is shown", () => {
    expect(
      formatTable(
        ["A", "B"],
        [
          ["東", "x"],
          ["abc", "y"],
        ],
      ),
    ).toEqual(["A    B", "東   x", "abc  y"]);
  });
});

describe("quantities", () => {
  it("are short", () => {
    expect([999, 1000, 1_500_000].map(formatBytes)).toEqual(["999 B", "1.0 KB", "1.5 MB"]);
    expect([400, 12_000, 200_000].map(formatDuration)).toEqual(["0.4 s", "12 s", "3 min 20 s"]);
  });
});

describe("progress where lines cannot be redrawn", () => {
  it("is the first state and the last, and between them a line a second", () => {
    const terminal = recordingTerminal();
    const line = new ProgressLine(terminal);
    for (let step = 0; step <= 100; step++) line.update({ ...view, fraction: step / 100 });
    line.end();
    line.end();
    expect(terminal.lines).toEqual([
      "hello:greet_all: 0%  Greeted Ada  12 items",
      "hello:greet_all: 100%  Greeted Ada  12 items",
    ]);
    expect(terminal.drawn).toEqual([]);
  });
});

describe("progress on a terminal", () => {
  it.each([5, 12, 20, 30, 45, 60, 80, 200])("never fills a line of %i columns", (width) => {
    const terminal = recordingTerminal({ canRedraw: true });
    terminal.width = width;
    new ProgressLine(terminal).update({ ...view, message: "東京 ".repeat(100) });
    expect(displayWidth(terminal.drawn.at(-1) ?? "")).toBeLessThan(width);
  });

  it("shows bar, message and figures where there is room", () => {
    const terminal = recordingTerminal({ canRedraw: true });
    const line = new ProgressLine(terminal);
    line.update(view);
    line.end();
    expect(terminal.drawn.join("")).toBe("hello:greet_all ████████████░░░░░░░░░░░░  50%  Greeted Ada  12 items\n");
  });

  it("clears every row that a narrower terminal broke the line into", () => {
    const terminal = recordingTerminal({ canRedraw: true });
    const line = new ProgressLine(terminal);
    line.update(view);
    terminal.width = 30;
    line.update({ ...view, fraction: 1 });
    line.end();
    expect(terminal.drawn[1]).toBe("\u001b[2A\r\u001b[0J");
  });
});
