/** docs/abi.md or docs/wasi-protocol.md, by its sections, tables and sentences. */
export class AbiPage {
  readonly #sections: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.#sections = new Map(
      text.split(/^## (?=\d+\. )/m).flatMap((section) => {
        const number = /^(\d+)\. /.exec(section)?.[1];
        return number === undefined ? [] : [[number, section]];
      }),
    );
  }

  /** A section's text on one line; empty where there is none. */
  section(number: string): string {
    return squeeze(this.#sections.get(number) ?? "");
  }

  /** The rows of a section's tables, without their heads. */
  rows(number: string): readonly string[] {
    const lines = (this.#sections.get(number) ?? "").split("\n");
    return lines.filter((line, index) => line.startsWith("|") && !isHead(lines, index)).map(squeeze);
  }

  /** The sentences of a section's paragraphs and lists: without its head, its tables and its examples. */
  sentences(number: string): readonly string[] {
    const text = (this.#sections.get(number) ?? "").replaceAll(/^```[\s\S]*?^```$/gm, "").replace(/^.*\n/, "");
    const blocks = text.split(/\n\n|\n(?=- )/).filter((block) => !block.trim().startsWith("|"));
    return blocks
      .flatMap((block) =>
        squeeze(block)
          .replace(/^- /, "")
          .split(/(?<=\.) (?=[A-Z`*(])/),
      )
      .filter((sentence) => sentence !== "");
  }

  /** The sentences of §3's paragraphs that begin with the name of a host function. */
  hostFunctionSentences(): readonly string[] {
    const paragraphs = (this.#sections.get("3") ?? "").split("\n\n").filter((text) => text.trim().startsWith("**`"));
    return paragraphs.flatMap((text) => squeeze(text).split(/(?<=\.) (?=[A-Z`*])/));
  }
}

/** The same words with single spaces. */
export function squeeze(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function isHead(lines: readonly string[], index: number): boolean {
  const isRule = (line: string | undefined): boolean => /^\|[-| ]+\|$/.test(line ?? "");
  return isRule(lines[index]) || isRule(lines[index + 1]);
}
