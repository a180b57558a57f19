// src/guest/worker/worker.ts
import { isMainThread, workerData } from "node:worker_threads";

// src/abi/guest-fault.ts
var GuestFault = class extends Error {
  kind;
  constructor(kind, message, stack) {
    super(message);
    this.kind = kind;
    if (stack !== void 0) this.stack = stack;
  }
};

// src/abi/blocks.ts
function allocateBlock(guest, link, length) {
  const pointer = allocate(guest, link, 4 + length);
  if (pointer === 0) return 0;
  const memory = memoryOf(guest);
  memory.view.setUint32(pointer, length, true);
  link.reply.copy(memory.bytes, pointer + 4, 0, length);
  return pointer;
}
function allocate(guest, link, size) {
  if (guest.allocate === null) return fail(guest, link, "it must be handed data and exports no wasm_alloc");
  guest.allocating = true;
  const pointer = guest.allocate(size) >>> 0;
  guest.allocating = false;
  const memory = memoryOf(guest);
  if (pointer !== 0 && !memory.has(pointer, size)) {
    return fail(
      guest,
      link,
      `wasm_alloc(${size}) answered ${pointer}, and its memory has ${memory.bytes.length} bytes`
    );
  }
  return pointer;
}
function openBlock(guest, link, exportName, pointer) {
  const memory = memoryOf(guest);
  if (pointer === 0 || !memory.has(pointer, 4)) {
    return fail(
      guest,
      link,
      `"${exportName}" answered the block ${pointer}, which is not in its memory of ${memory.bytes.length} bytes`
    );
  }
  const length = memory.view.getUint32(pointer, true);
  if (!memory.has(pointer + 4, length)) {
    return fail(
      guest,
      link,
      `"${exportName}" answered a block that says ${length} bytes at ${pointer}, and its memory has ${memory.bytes.length}`
    );
  }
  return { pointer: pointer + 4, length };
}
function memoryOf(guest) {
  if (guest.memory === null) throw new GuestFault("violation", "its memory cannot be reached yet");
  return guest.memory;
}
function fail(guest, link, problem) {
  guest.dead = true;
  return link.end(new GuestFault("violation", problem));
}

// src/abi/page.ts
var PAGE_BYTES = 65536;

// src/abi/guest-memory.ts
var GuestMemory = class {
  #memory;
  #bytes;
  #view;
  constructor(memory) {
    this.#memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
    this.#view = new DataView(memory.buffer);
  }
  /** Valid until the guest runs again. */
  get bytes() {
    if (this.#bytes.length === 0) this.#renew();
    return this.#bytes;
  }
  /** Valid until the guest runs again. */
  get view() {
    if (this.#bytes.length === 0) this.#renew();
    return this.#view;
  }
  get pages() {
    return this.bytes.length / PAGE_BYTES;
  }
  /** True where `length` bytes at `pointer` lie in the memory. Both are unsigned; no bytes lie anywhere. */
  has(pointer, length) {
    return length === 0 || pointer + length <= this.bytes.length;
  }
  #renew() {
    this.#bytes = Buffer.from(this.#memory.buffer);
    this.#view = new DataView(this.#memory.buffer);
  }
};

// src/abi/host-functions.ts
var MAX_NAME_BYTES = 1024;
function createHostFunctions(guest, link) {
  const end = (problem) => {
    guest.dead = true;
    return link.end(new GuestFault("violation", problem));
  };
  const enter = (name) => {
    const memory = guest.memory;
    if (guest.dead || guest.allocating || memory === null) return refuse(name);
    link.beat();
    return memory;
  };
  const refuse = (name) => {
    if (guest.dead) return end(`it called ${name} after a fault that it had swallowed`);
    if (guest.allocating)
      return end(`it called ${name} within wasm_alloc or wasm_free, where only spacedrive_log is allowed`);
    return end(
      `it called ${name} in its start function, before its memory can be reached: export "_initialize" instead`
    );
  };
  const check = (memory, name, what, pointer, length) => {
    if (length === 0) return 0;
    if (!memory.has(pointer, length)) {
      end(`it passed ${name} a ${what} of ${length} bytes at ${pointer}, and its memory has ${memory.bytes.length}`);
    }
    return pointer;
  };
  const isJob = (memory, name, pointer) => {
    if (pointer + 16 > memory.bytes.length) check(memory, name, "job id", pointer, 16);
    const job = guest.job;
    if (job === null) return false;
    const view = memory.view;
    return view.getInt32(pointer, true) === job[0] && view.getInt32(pointer + 4, true) === job[1] && view.getInt32(pointer + 8, true) === job[2] && view.getInt32(pointer + 12, true) === job[3];
  };
  const sealed = (run) => {
    return (...args) => {
      try {
        return run(...args);
      } catch (thrown) {
        guest.dead = true;
        throw thrown;
      }
    };
  };
  return {
    spacedrive_call(method, methodLength, library, payload, payloadLength) {
      const memory = enter("spacedrive_call");
      method >>>= 0;
      methodLength >>>= 0;
      library >>>= 0;
      payload >>>= 0;
      payloadLength >>>= 0;
      method = check(memory, "spacedrive_call", "method", method, methodLength);
      if (library !== 0) check(memory, "spacedrive_call", "library id", library, 16);
      payload = check(memory, "spacedrive_call", "payload", payload, payloadLength);
      try {
        const length = link.call(
          memory.bytes,
          method,
          methodLength,
          library === 0 ? -1 : library,
          payload,
          payloadLength
        );
        return allocateBlock(guest, link, length);
      } catch (thrown) {
        guest.dead = true;
        throw thrown;
      }
    },
    spacedrive_log(level, message, length) {
      const memory = guest.memory;
      if (guest.dead || memory === null) return refuse("spacedrive_log");
      link.beat();
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "spacedrive_log", "message", message, length);
      link.log(level >>> 0, memory.bytes, message, length);
    },
    job_report_progress(job, fraction, message, length) {
      const memory = enter("job_report_progress");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_report_progress", "message", message, length);
      if (isJob(memory, "job_report_progress", job >>> 0)) link.progress(fraction, memory.bytes, message, length);
    },
    job_checkpoint: sealed((job, state, length) => {
      const memory = enter("job_checkpoint");
      state >>>= 0;
      length >>>= 0;
      state = check(memory, "job_checkpoint", "state", state, length);
      return isJob(memory, "job_checkpoint", job >>> 0) && link.checkpoint(memory.bytes, state, length) ? 0 : 1;
    }),
    job_check_interrupt(job) {
      const memory = enter("job_check_interrupt");
      return isJob(memory, "job_check_interrupt", job >>> 0) ? link.interrupt() : 2;
    },
    job_add_warning: sealed((job, message, length) => {
      const memory = enter("job_add_warning");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_add_warning", "message", message, length);
      if (isJob(memory, "job_add_warning", job >>> 0)) link.warning(memory.bytes, message, length);
    }),
    job_increment_bytes(job, count) {
      const memory = enter("job_increment_bytes");
      if (isJob(memory, "job_increment_bytes", job >>> 0)) link.addBytes(count);
    },
    job_increment_items(job, count) {
      const memory = enter("job_increment_items");
      if (isJob(memory, "job_increment_items", job >>> 0)) link.addItems(count);
    },
    register_job: sealed(
      (name, nameLength, exportName, exportLength, resumable) => {
        const memory = enter("register_job");
        name >>>= 0;
        nameLength >>>= 0;
        exportName >>>= 0;
        exportLength >>>= 0;
        name = check(memory, "register_job", "name", name, nameLength);
        exportName = check(memory, "register_job", "export name", exportName, exportLength);
        if (!guest.starting || nameLength > MAX_NAME_BYTES || exportLength > MAX_NAME_BYTES) return 1;
        return link.registerJob(memory.bytes, name, nameLength, exportName, exportLength, resumable !== 0) ? 0 : 1;
      }
    ),
    register_operation: sealed(
      (kind, name, nameLength, exportName, exportLength) => {
        const memory = enter("register_operation");
        name >>>= 0;
        nameLength >>>= 0;
        exportName >>>= 0;
        exportLength >>>= 0;
        name = check(memory, "register_operation", "name", name, nameLength);
        exportName = check(memory, "register_operation", "export name", exportName, exportLength);
        if (kind !== 0 && kind !== 1) return 1;
        if (!guest.starting || nameLength > MAX_NAME_BYTES || exportLength > MAX_NAME_BYTES) return 1;
        return link.registerOperation(kind, memory.bytes, name, nameLength, exportName, exportLength) ? 0 : 1;
      }
    ),
    job_fail: sealed((job, message, length) => {
      const memory = enter("job_fail");
      message >>>= 0;
      length >>>= 0;
      message = check(memory, "job_fail", "message", message, length);
      if (isJob(memory, "job_fail", job >>> 0)) link.fail(memory.bytes, message, length);
    }),
    job_complete: sealed((job, result, length) => {
      const memory = enter("job_complete");
      result >>>= 0;
      length >>>= 0;
      result = check(memory, "job_complete", "result", result, length);
      if (isJob(memory, "job_complete", job >>> 0)) link.complete(memory.bytes, result, length);
    })
  };
}

// src/abi/host-function-signatures.ts
var HOST_MODULE = "spacedrive";
var KNOWN_ABI_VERSIONS = [1];

// src/abi/to-fault.ts
var OUT_OF_MEMORY = /growMemory|handle_alloc_error|alloc_error|out_of_memory|oom/i;
var MAX_STACK_CHARACTERS = 16384;
function toFault(thrown, memoryAtCap) {
  if (thrown instanceof GuestFault) return thrown;
  if (!(thrown instanceof Error)) return new GuestFault("trap", "an exception that nobody caught");
  const stack = (thrown.stack ?? "").slice(0, MAX_STACK_CHARACTERS);
  if (thrown instanceof RangeError && thrown.message.includes("call stack")) {
    return new GuestFault("stack-overflow", "its stack overflowed", stack);
  }
  const topFrame = stack.split("\n").find((line) => line.includes("wasm-function")) ?? "";
  if (memoryAtCap || OUT_OF_MEMORY.test(topFrame) || thrown instanceof RangeError && thrown.message.includes("memory")) {
    return new GuestFault("memory-limit", thrown.message, stack);
  }
  return new GuestFault("trap", thrown.message, stack);
}

// src/abi/guest-instance.ts
var GuestInstance = class {
  #state = {
    memory: null,
    allocate: null,
    starting: true,
    allocating: false,
    dead: false,
    job: null
  };
  #link;
  #maxPages;
  #instance;
  #firstPages;
  /**
   * Instantiates, and runs the start function where there is one.
   *
   * @param maxPages the memory's maximum, by which a trap for lack of memory is told from others.
   */
  constructor(module, link, maxPages) {
    this.#link = link;
    this.#maxPages = maxPages;
    try {
      this.#instance = new WebAssembly.Instance(module, { [HOST_MODULE]: createHostFunctions(this.#state, link) });
    } catch (thrown) {
      throw this.#fault(thrown);
    }
    this.#state.memory = new GuestMemory(this.#instance.exports["memory"]);
    this.#firstPages = this.pages;
    const allocator = this.#find("wasm_alloc");
    if (allocator !== null) this.#state.allocate = (size) => Number(allocator(size));
  }
  get pages() {
    return this.#state.memory?.pages ?? 0;
  }
  /** ABI version, `_initialize`, `plugin_init`. */
  start() {
    this.#guard(() => {
      const version = Number(this.#find("spacedrive_abi_version")?.() ?? 1);
      if (!KNOWN_ABI_VERSIONS.includes(version)) {
        throw new GuestFault(
          "abi-unsupported",
          `it speaks ABI version ${version}; this host knows ${KNOWN_ABI_VERSIONS.join(", ")}`
        );
      }
      this.#find("_initialize")?.();
      const code = Number(this.#find("plugin_init")?.() ?? 0);
      if (code !== 0) throw new GuestFault("init-failed", `plugin_init returned ${code}`);
      this.#state.starting = false;
    });
  }
  /** Calls an export without parameters; answers what it returned, 0 for nothing. */
  call(exportName) {
    return this.#guard(() => Number(this.#function(exportName)() ?? 0));
  }
  /** Calls an operation's export. `take` gets the answer's bytes, which are the guest's and valid only meanwhile. */
  handle(exportName, context, input, take) {
    this.#guard(
      () => this.#withData(context, input, (contextPointer, inputPointer) => {
        const answer = this.#function(exportName)(contextPointer, context.length, inputPointer, input.length);
        const pointer = Number(answer) >>> 0;
        const block = openBlock(this.#state, this.#link, exportName, pointer);
        take(memoryOf(this.#state).bytes, block.pointer, block.length);
        this.#free(pointer, 4 + block.length);
      })
    );
  }
  /** Runs a job's export; answers its code. `job` is the id that its host functions must name. */
  runJob(exportName, job, context, state) {
    return this.#guard(() => {
      this.#state.job = job;
      let code = 0;
      this.#withData(context, state, (contextPointer, statePointer) => {
        code = Number(this.#function(exportName)(contextPointer, context.length, statePointer, state.length));
      });
      this.#state.job = null;
      return code;
    });
  }
  /** Hands both to the guest, and frees them after the call. */
  #withData(first, second, call) {
    const firstPointer = this.#hand(first);
    const secondPointer = this.#hand(second);
    const [low, high] = firstPointer < secondPointer ? [firstPointer, secondPointer] : [secondPointer, firstPointer];
    if (high < low + sizeOf(low === firstPointer ? first : second)) {
      throw this.#violation(
        `wasm_alloc answered ${secondPointer} while the ${sizeOf(first)} bytes at ${firstPointer} were in use`
      );
    }
    call(firstPointer, secondPointer);
    this.#free(secondPointer, sizeOf(second));
    this.#free(firstPointer, sizeOf(first));
  }
  #hand({ buffer, start, length }) {
    const size = sizeOf({ length });
    const pointer = allocate(this.#state, this.#link, size);
    if (pointer === 0)
      throw new GuestFault("memory-limit", `wasm_alloc(${size}) answered 0: it has no memory left for its input`);
    buffer.copy(memoryOf(this.#state).bytes, pointer, start, start + length);
    return pointer;
  }
  #free(pointer, size) {
    const free = this.#function("wasm_free");
    this.#state.allocating = true;
    free(pointer, size);
    this.#state.allocating = false;
  }
  #guard(run) {
    try {
      const result = run();
      if (this.#state.dead) throw this.#violation("it went on after a fault that it had swallowed");
      return result;
    } catch (thrown) {
      throw this.#fault(thrown);
    }
  }
  #fault(thrown) {
    this.#state.dead = true;
    return toFault(thrown, this.pages >= this.#maxPages && this.pages > this.#firstPages);
  }
  #violation(problem) {
    this.#state.dead = true;
    return new GuestFault("violation", problem);
  }
  #find(exportName) {
    const found = this.#instance.exports[exportName];
    return typeof found === "function" ? found : null;
  }
  #function(exportName) {
    const found = this.#find(exportName);
    if (found === null) throw this.#violation(`it has no export "${exportName}"`);
    return found;
  }
};
function sizeOf({ length }) {
  return Math.max(1, length);
}

// src/guest/worker/channel-layout.ts
var WORD = {
  /** Raised by the guest's side; the host waits on it without blocking. */
  HOST_BELL: 0,
  /** Raised by the host; the guest's thread sleeps on it. */
  GUEST_BELL: 1,
  /** What the message is: one of TO_GUEST or TO_HOST. */
  KIND: 2,
  /** Number of the guest's last request, and of the request that a reply answers: another's is dropped. */
  REQUEST: 3,
  REPLY_TO: 4,
  /** 1: a new `data` buffer is waiting on the port. */
  NEW_DATA: 5,
  /** Byte lengths of the parts that stand one after another in `data`. */
  LENGTH_0: 6,
  LENGTH_1: 7,
  LENGTH_2: 8,
  /** What a message has of numbers: a return code, a kind, a yes or no. */
  VALUE: 9,
  /** Bytes that were refused before they were copied; 0 for none. */
  OVERSIZE: 10,
  /** 1 where the call names a library, whose 16 bytes follow as four words. Also a job's id. */
  HAS_ID: 11,
  ID: 12,
  /** The guest's memory in pages, with every end and fault. */
  PAGES: 16,
  /** What job_check_interrupt answers. */
  INTERRUPT: 20,
  /** 1 once it answered something else than 0. */
  INTERRUPT_SEEN: 21,
  /** Raised by every host function. */
  HEARTBEAT: 22,
  /** Number of the last progress report that was begun, and that is whole. */
  PROGRESS_BEGUN: 23,
  PROGRESS_WRITTEN: 24,
  PROGRESS_LENGTH: 25,
  /** An f32. */
  PROGRESS_FRACTION: 26,
  /** 1: the host wants a copy of the next report; 0: it is there. */
  PROGRESS_WANTED: 27,
  /** Number, length and fraction (an f32) of that copy. */
  SHOWN_COUNT: 28,
  SHOWN_LENGTH: 29,
  SHOWN_FRACTION: 30,
  /** Bytes ever written to and read from the ring, modulo 2^32. */
  RING_HEAD: 31,
  RING_TAIL: 32,
  /** Log lines that found no room. */
  LOGS_DROPPED: 33
};
var COUNTER = { BYTES: 0, ITEMS: 1 };
var WORDS_BYTES = 256;
var WORD_COUNT = WORDS_BYTES / 4;
var COUNTERS_OFFSET = WORDS_BYTES;
var PROGRESS_OFFSET = 512;
var PROGRESS_BYTES = 4096;
var SHOWN_OFFSET = PROGRESS_OFFSET + PROGRESS_BYTES;
var RING_OFFSET = SHOWN_OFFSET + PROGRESS_BYTES;
var RING_BYTES = 65536;
var SHARED_BYTES = RING_OFFSET + RING_BYTES;
var DATA_KEEP_BYTES = 4 * 1024 * 1024;
var TO_GUEST = { START: 1, CALL: 2, HANDLE: 3, JOB: 4, REPLY: 5, DROP: 6 };
var TO_HOST = {
  /** The thread is up and sleeps. */
  READY: 1,
  /** A command ended well. */
  END: 2,
  FAULT: 3,
  CALL: 4,
  CHECKPOINT: 5,
  REGISTER_JOB: 6,
  REGISTER_OPERATION: 7,
  FAIL: 8,
  COMPLETE: 9,
  /** The ring is full of what must not be lost. */
  DRAIN: 10
};
var FAULT_KINDS = [
  "trap",
  "stack-overflow",
  "memory-limit",
  "violation",
  "reply-too-large",
  "abi-unsupported",
  "init-failed"
];

// src/guest/worker/guest-end.ts
import { receiveMessageOnPort } from "node:worker_threads";
var GuestEnd = class {
  words;
  #port;
  #data;
  #heard = 0;
  #request = 0;
  constructor({ shared, data, port }) {
    this.words = new Int32Array(shared, 0, WORD_COUNT);
    this.#data = Buffer.from(data);
    this.#port = port;
  }
  /** The message's bytes. Replaced by each `room` and by each message that needs more. */
  get data() {
    return this.#data;
  }
  /** Puts parts into `data`, one after another, with their lengths. */
  place(first, second) {
    const words = this.words;
    const length = first.length + (second?.length ?? 0);
    if (length > this.#data.length) this.#grow(length);
    first.buffer.copy(this.#data, 0, first.start, first.start + first.length);
    words[WORD.LENGTH_0] = first.length;
    if (second !== void 0) {
      second.buffer.copy(this.#data, first.length, second.start, second.start + second.length);
      words[WORD.LENGTH_1] = second.length;
    }
  }
  /** Rings the host with what stands in `data` and the words. */
  tell(kind) {
    const words = this.words;
    words[WORD.KIND] = kind;
    Atomics.add(words, WORD.HOST_BELL, 1);
    Atomics.notify(words, WORD.HOST_BELL);
  }
  /** Rings the host and sleeps until this very request is answered. */
  ask(kind) {
    const words = this.words;
    this.#request = this.#request + 1 | 0;
    words[WORD.REQUEST] = this.#request;
    this.tell(kind);
    do
      this.#sleep();
    while (words[WORD.KIND] !== TO_GUEST.REPLY || words[WORD.REPLY_TO] !== this.#request);
  }
  /** Sleeps until the host sends a command, and answers its kind. */
  awaitCommand() {
    let kind = TO_GUEST.REPLY;
    while (kind === TO_GUEST.REPLY) {
      this.#sleep();
      kind = this.words[WORD.KIND] ?? 0;
    }
    return kind;
  }
  /** What the host posted beside the message. */
  receive() {
    return receiveMessageOnPort(this.#port)?.message;
  }
  /** For ever: the host has been told of a fault and terminates the thread. */
  sleepForEver() {
    for (; ; ) this.#sleep();
  }
  #sleep() {
    const words = this.words;
    let bell = Atomics.load(words, WORD.GUEST_BELL);
    if (bell === this.#heard && (globalThis.__n = (globalThis.__n ?? 0) + 1, (globalThis.__miss ?? 0) < 4 || globalThis.__n % 64 === 0)) {
      const from = performance.now();
      do { for (let i = 0; i < 50; i++) bell = Atomics.load(words, WORD.GUEST_BELL); } while (bell === this.#heard && performance.now() - from < +25 / 1000);
      globalThis.__miss = bell === this.#heard ? (globalThis.__miss ?? 0) + 1 : 0;
    }
    while (bell === this.#heard) {
      Atomics.wait(words, WORD.GUEST_BELL, bell);
      bell = Atomics.load(words, WORD.GUEST_BELL);
    }
    this.#heard = bell;
    if (words[WORD.NEW_DATA] !== 0) {
      words[WORD.NEW_DATA] = 0;
      this.#data = Buffer.from(this.receive());
    }
  }
  #grow(length) {
    const data = new SharedArrayBuffer(roomFor(length));
    this.#data = Buffer.from(data);
    this.#port.postMessage(data);
    this.words[WORD.NEW_DATA] = 1;
  }
};
function roomFor(length) {
  return Math.ceil(length * 1.25 / 4096) * 4096;
}

// src/guest/worker/utf8-cut.ts
function utf8Cut(bytes, start, length, most) {
  if (length <= most) return length;
  let end = most;
  for (let back = 0; back < 3 && end > 0 && ((bytes[start + end] ?? 0) & 192) === 128; back++) end--;
  return end;
}

// src/guest/worker/progress.ts
var SMALL_COPY_BYTES = 96;
var ProgressWriter = class {
  #words;
  #floats;
  #slot;
  #shown;
  #count = 0;
  constructor(words, shared) {
    this.#words = words;
    this.#floats = new Float32Array(shared, 0, WORD_COUNT);
    this.#slot = Buffer.from(shared, PROGRESS_OFFSET, PROGRESS_BYTES);
    this.#shown = Buffer.from(shared, SHOWN_OFFSET, PROGRESS_BYTES);
  }
  write(fraction, memory, message, length) {
    const kept = length <= PROGRESS_BYTES ? length : utf8Cut(memory, message, length, PROGRESS_BYTES);
    const words = this.#words;
    const slot = this.#slot;
    const count = this.#count + 1 | 0;
    this.#count = count;
    words[WORD.PROGRESS_BEGUN] = count;
    this.#floats[WORD.PROGRESS_FRACTION] = fraction;
    if (kept <= SMALL_COPY_BYTES) for (let i = 0; i < kept; i++) slot[i] = memory[message + i] ?? 0;
    else memory.copy(slot, 0, message, message + kept);
    words[WORD.PROGRESS_LENGTH] = kept;
    words[WORD.PROGRESS_WRITTEN] = count;
    if (Atomics.load(words, WORD.PROGRESS_WANTED) === 1) this.#show(fraction, kept, count);
  }
  #show(fraction, length, count) {
    const words = this.#words;
    this.#slot.copy(this.#shown, 0, 0, length);
    this.#floats[WORD.SHOWN_FRACTION] = fraction;
    words[WORD.SHOWN_LENGTH] = length;
    words[WORD.SHOWN_COUNT] = count;
    Atomics.store(words, WORD.PROGRESS_WANTED, 0);
  }
};

// src/guest/worker/ring.ts
var HEADER_BYTES = 12;
var MASK = RING_BYTES - 1;
var RING_RECORD_BYTES = RING_BYTES / 4 - HEADER_BYTES;
var WARNING_RECORD = 4;
function padded(length) {
  return length + 3 & ~3;
}
var RingWriter = class {
  #words;
  #ring;
  #ringWords;
  constructor(words, shared) {
    this.#words = words;
    this.#ring = Buffer.from(shared, RING_OFFSET, RING_BYTES);
    this.#ringWords = new Int32Array(shared, RING_OFFSET, RING_BYTES / 4);
  }
  /** False where there is no room. `length` is at most `RING_RECORD_BYTES`. */
  write(kind, bytes, start, length, cut) {
    const words = this.#words;
    const head = words[WORD.RING_HEAD] ?? 0;
    const used = head - Atomics.load(words, WORD.RING_TAIL) >>> 0;
    if (HEADER_BYTES + padded(length) > RING_BYTES - used) return false;
    this.#word(head, kind);
    this.#word(head + 4, length);
    this.#word(head + 8, cut);
    const at = head + HEADER_BYTES & MASK;
    const first = Math.min(length, RING_BYTES - at);
    bytes.copy(this.#ring, at, start, start + first);
    if (first < length) bytes.copy(this.#ring, 0, start + first, start + length);
    Atomics.store(words, WORD.RING_HEAD, head + HEADER_BYTES + padded(length) | 0);
    return true;
  }
  #word(at, value) {
    this.#ringWords[(at & MASK) >>> 2] = value;
  }
};

// src/guest/worker/guest-link.ts
var LOG_LINE_COST = 32;
var METHOD_MAX_BYTES = 1024;
var GuestLink = class {
  #end;
  #words;
  #counters;
  #progress;
  #ring;
  #limits = null;
  #beat = 0;
  #bytes = 0;
  #items = 0;
  #logBudget = 0;
  #logWindow = 0;
  constructor(end, shared) {
    this.#end = end;
    this.#words = end.words;
    this.#counters = new Float64Array(shared, COUNTERS_OFFSET, 2);
    this.#progress = new ProgressWriter(end.words, shared);
    this.#ring = new RingWriter(end.words, shared);
  }
  /** Begins a new instance on this thread. */
  reset(limits) {
    this.#limits = limits;
    this.#bytes = 0;
    this.#items = 0;
    this.#counters[COUNTER.BYTES] = 0;
    this.#counters[COUNTER.ITEMS] = 0;
    this.#logBudget = 0;
    this.#logWindow = 0;
  }
  get reply() {
    return this.#end.data;
  }
  beat() {
    this.#words[WORD.HEARTBEAT] = this.#beat = this.#beat + 1 | 0;
  }
  call(memory, method, methodLength, library, payload, payloadLength) {
    const words = this.#words;
    const oversize = methodLength > METHOD_MAX_BYTES || payloadLength > this.#limit("maxPayloadBytes");
    words[WORD.OVERSIZE] = oversize ? Math.max(methodLength, payloadLength) : 0;
    words[WORD.HAS_ID] = library < 0 ? 0 : 1;
    if (library >= 0) for (let i = 0; i < 4; i++) words[WORD.ID + i] = memory.readInt32LE(library + 4 * i);
    this.#end.place(
      { buffer: memory, start: method, length: Math.min(methodLength, METHOD_MAX_BYTES) },
      { buffer: memory, start: payload, length: oversize ? 0 : payloadLength }
    );
    this.#end.ask(TO_HOST.CALL);
    return words[WORD.LENGTH_0] ?? 0;
  }
  log(level, memory, message, length) {
    const most = Math.min(this.#limit("maxLogLineBytes"), RING_RECORD_BYTES);
    const kept = utf8Cut(memory, message, length, most);
    const cost = kept + LOG_LINE_COST;
    this.#logBudget -= cost;
    if (this.#logBudget < 0 && !this.#renewLogBudget(cost)) {
      Atomics.add(this.#words, WORD.LOGS_DROPPED, 1);
      return;
    }
    const known = level <= 3 ? level : 1;
    if (!this.#ring.write(known, memory, message, kept, length - kept)) Atomics.add(this.#words, WORD.LOGS_DROPPED, 1);
  }
  progress(fraction, memory, message, length) {
    this.#progress.write(fraction, memory, message, length);
  }
  checkpoint(memory, state, length) {
    const words = this.#words;
    const oversize = length > this.#limit("maxPayloadBytes");
    words[WORD.OVERSIZE] = oversize ? length : 0;
    this.#end.place({ buffer: memory, start: state, length: oversize ? 0 : length });
    this.#end.ask(TO_HOST.CHECKPOINT);
    return words[WORD.VALUE] === 1;
  }
  interrupt() {
    const value = Atomics.load(this.#words, WORD.INTERRUPT);
    if (value !== 0) this.#words[WORD.INTERRUPT_SEEN] = 1;
    return value;
  }
  warning(memory, message, length) {
    const most = Math.min(this.#limit("maxLogLineBytes"), RING_RECORD_BYTES);
    const kept = utf8Cut(memory, message, length, most);
    while (!this.#ring.write(WARNING_RECORD, memory, message, kept, length - kept)) this.#end.ask(TO_HOST.DRAIN);
  }
  addBytes(count) {
    this.#counters[COUNTER.BYTES] = this.#bytes = Math.min(
      Number.MAX_SAFE_INTEGER,
      this.#bytes + Number(BigInt.asUintN(64, count))
    );
  }
  addItems(count) {
    this.#counters[COUNTER.ITEMS] = this.#items = Math.min(
      Number.MAX_SAFE_INTEGER,
      this.#items + Number(BigInt.asUintN(64, count))
    );
  }
  registerJob(memory, name, nameLength, exportName, exportLength, resumable) {
    this.#words[WORD.VALUE] = resumable ? 1 : 0;
    return this.#register(TO_HOST.REGISTER_JOB, memory, name, nameLength, exportName, exportLength);
  }
  registerOperation(kind, memory, name, nameLength, exportName, exportLength) {
    this.#words[WORD.VALUE] = kind;
    return this.#register(TO_HOST.REGISTER_OPERATION, memory, name, nameLength, exportName, exportLength);
  }
  fail(memory, message, length) {
    const kept = utf8Cut(memory, message, length, this.#limit("maxLogLineBytes"));
    this.#end.place({ buffer: memory, start: message, length: kept });
    this.#end.ask(TO_HOST.FAIL);
  }
  complete(memory, result, length) {
    const oversize = length > this.#limit("maxReplyBytes");
    this.#words[WORD.OVERSIZE] = oversize ? length : 0;
    this.#end.place({ buffer: memory, start: result, length: oversize ? 0 : length });
    this.#end.ask(TO_HOST.COMPLETE);
  }
  /** Tells the host, and sleeps until it terminates the thread: the guest never goes on. */
  end(fault) {
    this.tellFault(fault, 0);
    return this.#end.sleepForEver();
  }
  tellFault(fault, pages) {
    const message = Buffer.from(fault.message);
    const stack = Buffer.from(fault.stack ?? "");
    this.#words[WORD.VALUE] = FAULT_KINDS.indexOf(fault.kind);
    this.#words[WORD.PAGES] = pages;
    this.#end.place(
      { buffer: message, start: 0, length: message.length },
      { buffer: stack, start: 0, length: stack.length }
    );
    this.#end.tell(TO_HOST.FAULT);
  }
  #register(kind, memory, name, nameLength, exportName, exportLength) {
    this.#end.place(
      { buffer: memory, start: name, length: nameLength },
      { buffer: memory, start: exportName, length: exportLength }
    );
    this.#end.ask(kind);
    return this.#words[WORD.VALUE] === 1;
  }
  /** The budget of a new second, if one has begun. */
  #renewLogBudget(cost) {
    const now = performance.now();
    if (now - this.#logWindow < 1e3 && this.#logWindow !== 0) return false;
    this.#logWindow = now;
    this.#logBudget = this.#limit("maxLogBytesPerSecond") - cost;
    return this.#logBudget >= 0;
  }
  #limit(name) {
    return this.#limits?.[name] ?? 0;
  }
};

// src/guest/worker/warm-up.ts
import { MessageChannel, receiveMessageOnPort as receiveMessageOnPort2 } from "node:worker_threads";

// src/guest/limits.ts
var MIB = 1024 * 1024;
var DEFAULT_GUEST_LIMITS = {
  maxMemoryBytes: 256 * MIB,
  callTimeoutMs: 3e4,
  initTimeoutMs: 5e3,
  silenceMs: 3e4,
  maxPayloadBytes: 16 * MIB,
  maxReplyBytes: 64 * MIB,
  maxLogLineBytes: 8 * 1024,
  maxLogBytesPerSecond: MIB,
  maxModuleBytes: 32 * MIB,
  maxFunctionBodyBytes: 64 * 1024,
  maxTableEntries: 1e5
};

// src/guest/worker/warm-up.ts
var WARM_UP_MODULE = "AGFzbQEAAAABFARgA39/fwBgAX8Bf2ACf38AYAAAAh0BCnNwYWNlZHJpdmUOc3BhY2Vkcml2ZV9sb2cAAAMEAwECAwUEAQEBAQcxBAZtZW1vcnkCAAp3YXNtX2FsbG9jAAEJd2FzbV9mcmVlAAILcGx1Z2luX2luaXQAAwoUAwQAQQgLAgALCgBBAEEAQQAQAAs=";
function warmUp(link) {
  const { port1, port2 } = new MessageChannel();
  const module = new WebAssembly.Module(Buffer.from(WARM_UP_MODULE, "base64"));
  const start = { module, maxPages: 1, limits: DEFAULT_GUEST_LIMITS };
  port1.postMessage(start);
  const received = receiveMessageOnPort2(port2)?.message;
  link.reset(received.limits);
  new GuestInstance(received.module, link, received.maxPages).start();
  port1.close();
}

// src/guest/worker/worker.ts
var STACK_FRAMES = 32;
var GuestThreadLoop = class {
  #end;
  #link;
  #words;
  #instance = null;
  #maxReplyBytes = 0;
  constructor(data) {
    this.#end = new GuestEnd(data);
    this.#words = this.#end.words;
    this.#link = new GuestLink(this.#end, data.shared);
  }
  run() {
    warmUp(this.#link);
    this.#words[WORD.RING_HEAD] = this.#words[WORD.RING_TAIL] ?? 0;
    this.#end.tell(TO_HOST.READY);
    for (; ; ) {
      const command = this.#end.awaitCommand();
      try {
        this.#execute(command);
        this.#words[WORD.PAGES] = this.#instance?.pages ?? 0;
        this.#end.tell(TO_HOST.END);
      } catch (thrown) {
        const fault = thrown instanceof GuestFault ? thrown : new GuestFault("trap", String(thrown), thrown instanceof Error ? thrown.stack : void 0);
        this.#link.tellFault(fault, this.#instance?.pages ?? 0);
      }
    }
  }
  #execute(command) {
    const words = this.#words;
    const lengths = [words[WORD.LENGTH_0] ?? 0, words[WORD.LENGTH_1] ?? 0, words[WORD.LENGTH_2] ?? 0];
    const buffer = this.#end.data;
    switch (command) {
      case TO_GUEST.START: {
        const { module, maxPages, limits } = this.#end.receive();
        this.#maxReplyBytes = limits.maxReplyBytes;
        this.#link.reset(limits);
        this.#instance = new GuestInstance(module, this.#link, maxPages);
        this.#instance.start();
        return;
      }
      case TO_GUEST.DROP:
        this.#instance = null;
        return;
      case TO_GUEST.CALL:
        words[WORD.VALUE] = this.#running().call(buffer.toString("utf8", 0, lengths[0]));
        return;
      case TO_GUEST.HANDLE: {
        const name = buffer.toString("utf8", 0, lengths[0]);
        const context = { buffer, start: lengths[0], length: lengths[1] };
        const input = { buffer, start: lengths[0] + lengths[1], length: lengths[2] };
        this.#running().handle(name, context, input, (memory, start, length) => {
          if (length > this.#maxReplyBytes) {
            throw new GuestFault(
              "reply-too-large",
              `"${name}" answered ${length} bytes and ${this.#maxReplyBytes} are allowed`
            );
          }
          this.#end.place({ buffer: memory, start, length });
        });
        return;
      }
      case TO_GUEST.JOB: {
        const name = buffer.toString("utf8", 0, lengths[0]);
        const context = { buffer, start: lengths[0], length: lengths[1] };
        const state = { buffer, start: lengths[0] + lengths[1], length: lengths[2] };
        const job = [
          words[WORD.ID] ?? 0,
          words[WORD.ID + 1] ?? 0,
          words[WORD.ID + 2] ?? 0,
          words[WORD.ID + 3] ?? 0
        ];
        words[WORD.VALUE] = this.#running().runJob(name, job, context, state);
        return;
      }
      default:
        throw new GuestFault("trap", `the host sent the unknown command ${command}`);
    }
  }
  #running() {
    if (this.#instance === null) throw new GuestFault("trap", "no instance has been started on this thread");
    return this.#instance;
  }
};
if (!isMainThread) {
  Error.stackTraceLimit = STACK_FRAMES;
  new GuestThreadLoop(workerData).run();
}
//# sourceMappingURL=worker.js.map