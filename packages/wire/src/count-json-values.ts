const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const OPEN_OBJECT = 0x7b;

/**
 * True where a JSON text has more than `most` values, keys counted. It stops at the first one too many, needs no memory, and
 * jumps over strings: a large text of few values costs next to nothing. Of what is no JSON it says anything.
 */
export function hasMoreJsonValues(text: string, most: number): boolean {
  // Every value but the first has a character of its own before it: too short a text is not looked at.
  if (text.length <= most) return false;
  // Each comma and colon has one more value after it; what opens may be empty, and then has none within.
  let values = 1;
  if (values > most) return true;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) {
      at = endOfString(text, at);
    } else if (character === COMMA || character === COLON) {
      if (++values > most) return true;
    } else if (character === OPEN_ARRAY || character === OPEN_OBJECT) {
      if (!isEmpty(text, at + 1) && ++values > most) return true;
    }
  }
  return false;
}

/** Where the string that opens at `open` closes; the text's end where it does not. */
function endOfString(text: string, open: number): number {
  let from = open + 1;
  for (;;) {
    const close = text.indexOf('"', from);
    if (close === -1) return text.length;
    let before = close;
    while (before > from && text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((close - before) % 2 === 0) return close;
    from = close + 1;
  }
}

function isEmpty(text: string, from: number): boolean {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  const next = text.charCodeAt(at);
  return next === 0x5d || next === 0x7d;
}
