/**
 * The WAT of a guest that plays a script: a WASI command that does one thing after the other, whatever it is asked.
 *
 * | line | |
 * |---|---|
 * | `start` | `command`, then `answer 1` |
 * | `command` | reads a record, and remembers its id as that of the command |
 * | `read` | reads a record: a reply |
 * | `ending` | waits for the end of standard input |
 * | `show` | writes the record that was read last as a line of text |
 * | `record TEXT`, `write TEXT`, `error TEXT` | a record with this JSON text; bytes to standard output; bytes to standard error |
 * | `ask METHOD PARAMS` | a request with an id, 1 at first, and reads the reply |
 * | `tell METHOD PARAMS` | a request without an id |
 * | `answer JSON`, `fail CODE MESSAGE` | answers the command |
 * | `import NAME TYPE` | the function `$NAME` of preview1, for the two lines that follow |
 * | `compute WAT` | what this WAT does |
 * | `value WAT` | answers the command with the number that this WAT leaves |
 * | `hold`, `flush` | what is written between them goes out at once |
 * | `chunk N`, `reads N` | at most N bytes are written, or read, at once |
 * | `repeat N`, `next` | what is between them, N times |
 * | `exit N`, `end`, `trap`, `overflow`, `spin`, `grow` | exits; returns from _start; traps; overflows its stack; loops; grows its memory to the cap |
 *
 * In a TEXT `%hh` is a byte, `%%` is `%`, `%{c*N}` is N times the character c, `%[id]` the id of the command, and `%[name]` the value of
 * a field of the record that was read last, as it is written there. After its last line the guest reads, and so waits to be ended.
 */
export function scriptedGuest(template: string, script: readonly string[]): string {
  const writer = new ScriptWriter();
  for (const line of script) writer.line(line);
  writer.line("read");
  return template
    .replace(";; @imports", () => writer.imports.join("\n  "))
    .replace(";; @literals", () => writer.data())
    .replace(";; @steps", () => writer.steps.join("\n    "));
}

const LITERALS = 4096;
const LITERALS_END = 0x100000;

class ScriptWriter {
  readonly imports: string[] = [];
  readonly steps: string[] = [];
  #literals = Buffer.alloc(0);
  #lastId = 0;
  #loops = 0;
  #holding = false;

  line(line: string): void {
    const [word, rest] = split(line);
    switch (word) {
      case "start":
        this.line("command");
        return this.line("answer 1");
      case "command":
        return this.#step("(call $command)");
      case "read":
        return this.#step("(call $read)");
      case "ending":
        return this.#step("(call $await_end)");
      case "show":
        this.#step("(call $put_record)");
        return this.#flush(1);
      case "record":
        return this.#write(1, `%1e${rest}%0a`);
      case "write":
        return this.#write(1, rest);
      case "error":
        return this.#write(2, rest);
      case "ask": {
        const [method, params] = split(rest);
        this.line(`record {"jsonrpc":"2.0","id":${++this.#lastId},"method":"${method}","params":${params}}`);
        return this.line("read");
      }
      case "tell": {
        const [method, params] = split(rest);
        return this.line(`record {"jsonrpc":"2.0","method":"${method}","params":${params}}`);
      }
      case "answer":
        return this.line(`record {"jsonrpc":"2.0","id":%[id],"result":${rest}}`);
      case "fail": {
        const [code, message] = split(rest);
        return this.line(`record {"jsonrpc":"2.0","id":%[id],"error":{"code":${code},"message":"${message}"}}`);
      }
      case "import": {
        const [name, type] = split(rest);
        this.imports.push(`(import "wasi_snapshot_preview1" "${name}" (func $${name} ${type}))`);
        return;
      }
      case "compute":
        return this.#step(rest);
      case "value": {
        const holding = this.#holding;
        this.#holding = true;
        this.line('write %1e{"jsonrpc":"2.0","id":%[id],"result":');
        this.#step(`(call $put_number ${rest})`);
        this.#holding = holding;
        return this.line("write }%0a");
      }
      case "hold":
        this.#holding = true;
        return;
      case "flush":
        this.#holding = false;
        return this.#flush(1);
      case "chunk":
        return this.#step(`(global.set $chunk (i32.const ${rest}))`);
      case "reads":
        return this.#step(`(global.set $input_chunk (i32.const ${rest}))`);
      case "repeat":
        this.#loops++;
        return this.#step(`(local.set $rounds (i32.const ${rest})) (loop $loop${this.#loops}`);
      case "next":
        return this.#step(
          `(br_if $loop${this.#loops} (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))`,
        );
      case "exit":
        return this.#step(`(call $proc_exit (i32.const ${rest}))`);
      case "end":
        return this.#step("(return)");
      case "trap":
        return this.#step("(call $outer_trap)");
      case "overflow":
        return this.#step("(drop (call $recurse (i32.const 0)))");
      case "spin":
        return this.#step("(call $spin)");
      case "grow":
        return this.#step("(call $grow_to_the_cap)");
      default:
        throw new Error(`A script has the line "${line}", which is none.`);
    }
  }

  data(): string {
    const bytes = Array.from(this.#literals, (byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    return `(data (i32.const ${LITERALS}) "${bytes}")`;
  }

  #step(wat: string): void {
    this.steps.push(wat);
  }

  #flush(fd: 1 | 2): void {
    if (!this.#holding) this.#step(`(call $flush (i32.const ${fd}))`);
  }

  #write(fd: 1 | 2, text: string): void {
    const bytes: number[] = [];
    const literal = (): void => {
      if (bytes.length > 0) this.#step(`(call $put ${this.#literal(Uint8Array.from(bytes.splice(0)))})`);
    };
    for (const [part, hex, character, times, field] of text.matchAll(
      /%(?:([0-9a-f]{2})|\{(.)\*(\d+)\}|\[(\w+)\]|%)|[^%]+/gu,
    )) {
      if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
      else if (character !== undefined) {
        literal();
        this.#step(`(call $put_fill (i32.const ${character.codePointAt(0)}) (i32.const ${times}))`);
      } else if (field === "id") {
        literal();
        this.#step("(call $put_id)");
      } else if (field !== undefined) {
        literal();
        this.#step(`(call $put_field ${this.#literal(Buffer.from(field))})`);
      } else bytes.push(...Buffer.from(part === "%%" ? "%" : part));
    }
    literal();
    this.#flush(fd);
  }

  /** Its pointer and length, as operands. */
  #literal(bytes: Uint8Array): string {
    const known = this.#literals.indexOf(bytes);
    const at = known >= 0 ? known : this.#literals.length;
    if (known < 0) this.#literals = Buffer.concat([this.#literals, bytes]);
    if (LITERALS + this.#literals.length > LITERALS_END) throw new Error("A script has too many literals.");
    return `(i32.const ${LITERALS + at}) (i32.const ${bytes.length})`;
  }
}

/** A word, and what follows it. */
function split(text: string): readonly [string, string] {
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}
