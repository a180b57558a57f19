import { text } from "@spacedrive/sdk";

/** Slots at the start; doubled when half of them are taken. */
const FIRST_SLOTS: u32 = 1024;
/** A slot: hash, where the word is in the arena, its length, its count. */
const SLOT_BYTES: usize = 16;
const FIRST_ARENA: usize = 16384;

/**
 * Counts words by their bytes, without making an object of each: an open hash table, and an arena that holds the folded
 * words one behind the other. Made once and used for file after file.
 */
@final
export class WordTable {
  private slots: usize = 0;
  private capacity: u32 = 0;
  private arena: usize = heap.alloc(FIRST_ARENA);
  private arenaCapacity: usize = FIRST_ARENA;
  private arenaLength: usize = 0;
  /** How many different words there are. */
  size: u32 = 0;

  constructor() {
    this.allocate(FIRST_SLOTS);
  }

  private allocate(capacity: u32): void {
    this.capacity = capacity;
    this.slots = heap.alloc(<usize>capacity * SLOT_BYTES);
    memory.fill(this.slots, 0, <usize>capacity * SLOT_BYTES);
  }

  clear(): void {
    this.arenaLength = 0;
    this.size = 0;
    memory.fill(this.slots, 0, <usize>this.capacity * SLOT_BYTES);
  }

  /** Counts the word at `from`. `plain`: ASCII without capitals, which needs no folding. */
  add(from: usize, length: u32, plain: bool, ascii: bool): void {
    if (length > 255) return;
    if (plain) {
      this.insert(from, length);
    } else if (ascii) {
      const folded = this.room(length);
      for (let i: usize = 0; i < length; i++) {
        const byte = load<u8>(from + i);
        store<u8>(folded + i, byte - 0x41 < 26 ? byte | 0x20 : byte);
      }
      this.insert(folded, length);
    } else {
      const folded = String.UTF8.encode(text.fold(String.UTF8.decodeUnsafe(from, length)));
      this.insert(changetype<usize>(folded), <u32>folded.byteLength);
    }
  }

  /** Where the next `length` bytes of the arena go. */
  private room(length: u32): usize {
    if (this.arenaLength + length > this.arenaCapacity) {
      this.arenaCapacity = max<usize>(this.arenaCapacity * 2, this.arenaLength + length);
      this.arena = heap.realloc(this.arena, this.arenaCapacity);
    }
    return this.arena + this.arenaLength;
  }

  private insert(from: usize, length: u32): void {
    // FNV-1a; 0 marks a free slot.
    let hash: u32 = 2166136261;
    for (let i: usize = 0; i < length; i++) hash = (hash ^ load<u8>(from + i)) * 16777619;
    hash = max<u32>(hash, 1);
    const mask = this.capacity - 1;
    let index = hash & mask;
    while (true) {
      const slot = this.slots + <usize>index * SLOT_BYTES;
      const found = load<u32>(slot);
      if (found == 0) {
        const at = this.room(length);
        if (at != from) memory.copy(at, from, length);
        store<u32>(slot, hash);
        store<u32>(slot, <u32>this.arenaLength, 4);
        store<u32>(slot, length, 8);
        store<u32>(slot, 1, 12);
        this.arenaLength += length;
        this.size++;
        if (this.size * 2 > this.capacity) this.grow();
        return;
      }
      if (found == hash && load<u32>(slot, 8) == length && memory.compare(this.arena + load<u32>(slot, 4), from, length) == 0) {
        store<u32>(slot, load<u32>(slot, 12) + 1, 12);
        return;
      }
      index = (index + 1) & mask;
    }
  }

  private grow(): void {
    const old = this.slots;
    const oldCapacity = this.capacity;
    this.allocate(oldCapacity * 2);
    const mask = this.capacity - 1;
    for (let i: u32 = 0; i < oldCapacity; i++) {
      const slot = old + <usize>i * SLOT_BYTES;
      const hash = load<u32>(slot);
      if (hash == 0) continue;
      let index = hash & mask;
      while (load<u32>(this.slots + <usize>index * SLOT_BYTES) != 0) index = (index + 1) & mask;
      memory.copy(this.slots + <usize>index * SLOT_BYTES, slot, SLOT_BYTES);
    }
    heap.free(old);
  }

  /** How many slots `wordAt` and `countAt` can be asked about. */
  get slotCount(): u32 {
    return this.capacity;
  }

  /** 0 where the slot is free. */
  countAt(slot: u32): u32 {
    return load<u32>(this.slots + <usize>slot * SLOT_BYTES, 12);
  }

  wordAt(slot: u32): string {
    const at = this.slots + <usize>slot * SLOT_BYTES;
    return String.UTF8.decodeUnsafe(this.arena + load<u32>(at, 4), load<u32>(at, 8));
  }
}
