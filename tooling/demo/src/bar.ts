import pc from "picocolors";

const WIDTH = 30;

/** A progress bar on a terminal, rewritten in place; elsewhere a plain line for each tenth. */
export function progressBar(output: NodeJS.WriteStream): { draw(fraction: number, text: string): void; end(): void } {
  let lastTenth = -1;
  return {
    draw(fraction, text) {
      const percent = `${Math.floor(fraction * 100)}`.padStart(3);
      if (!output.isTTY) {
        const tenth = Math.floor(fraction * 10);
        if (tenth > lastTenth && text !== "") output.write(`  ${percent} %  ${text}\n`);
        lastTenth = Math.max(lastTenth, tenth);
        return;
      }
      const full = Math.round(fraction * WIDTH);
      const bar = pc.green("█".repeat(full)) + pc.dim("░".repeat(WIDTH - full));
      const room = Math.max(0, output.columns - WIDTH - 12);
      output.write(`\r\u001b[2K  ${bar} ${percent} %  ${text.slice(0, room)}`);
    },
    end() {
      if (output.isTTY) output.write("\n");
    },
  };
}
