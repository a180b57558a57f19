import type { Node, Parser } from "assemblyscript";
import { type Range, transformDiagnostic } from "./compiler.js";

/** Errors at the author's own line, printed by the compiler like its own. */
export class Reporter {
  readonly #parser: Parser;
  #errors = 0;

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  get errors(): number {
    return this.#errors;
  }

  error(place: Node | Range | null, message: string): void {
    this.#errors++;
    const range = place === null ? null : "kind" in place ? place.range : place;
    this.#parser.error(transformDiagnostic, range, "@spacedrive/sdk", message, null);
  }
}
