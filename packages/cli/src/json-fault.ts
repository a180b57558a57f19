/** Where a text stops being JSON, and why. */
export interface JsonFault {
  /** Counts UTF-16 code units from 0. */
  readonly offset: number;
  readonly reason: string;
}

const WHITESPACE = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
// oxlint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/** The first fault of a text as JSON, or null. The platform's own messages leave the position out in most cases. */
export function findJsonFault(text: string): JsonFault | null {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.end();
    return null;
  } catch (thrown) {
    if (thrown instanceof Fault) return { offset: thrown.offset, reason: thrown.message };
    throw thrown;
  }
}

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): void {
    this.#match(WHITESPACE);
    const next = this.#text[this.#at];
    if (next === "{") this.#members("}", () => this.#member());
    else if (next === "[") this.#members("]", () => this.value());
    else if (next === '"') this.#string();
    else if (!this.#match(NUMBER) && !this.#match(LITERAL)) throw this.#fault("a value");
    this.#match(WHITESPACE);
  }

  end(): void {
    if (this.#at < this.#text.length) throw this.#fault("the end of the text");
  }

  #members(close: string, one: () => void): void {
    this.#at += 1;
    this.#match(WHITESPACE);
    if (this.#take(close)) return;
    for (;;) {
      one();
      if (this.#take(close)) return;
      if (!this.#take(",")) throw this.#fault(`"," or "${close}"`);
    }
  }

  #member(): void {
    this.#match(WHITESPACE);
    if (this.#text[this.#at] !== '"') throw this.#fault("a name in double quotes");
    this.#string();
    this.#match(WHITESPACE);
    if (!this.#take(":")) throw this.#fault('":"');
    this.value();
  }

  #string(): void {
    this.#match(STRING);
    if (!this.#take('"')) throw this.#fault("the rest of a string");
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #match(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    this.#at += found?.[0].length ?? 0;
    return found !== null;
  }

  #fault(expected: string): Fault {
    const character = this.#text[this.#at];
    const found = character === undefined ? "the text ends" : `found ${JSON.stringify(character)}`;
    return new Fault(this.#at, `expected ${expected}, ${found}`);
  }
}
