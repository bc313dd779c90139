/** Where a byte sequence's hash starts; add its bytes with `hashByte`. */
export const HASH_START = 0x811c9dc5 | 0;

/** One step of FNV-1a. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/**
 * Dense ids, in order of first appearance, for names given as UTF-8 bytes. Text is made of them only when somebody asks
 * for it, so that reading a large file costs no strings.
 */
export class ByteNames {
  #slots = new Int32Array(1024).fill(-1);
  #hashes = new Int32Array(512);
  /** Name id lies in the arena from `ends[id]` up to `ends[id + 1]`. */
  #ends = new Int32Array(513);
  #arena = new Uint8Array(4096);
  #count = 0;
  /** The id that was asked for last. */
  #last = 0;
  #names: readonly string[] | undefined;

  get count(): number {
    return this.#count;
  }

  get arena(): Uint8Array {
    return this.#arena;
  }

  get ends(): Int32Array {
    return this.#ends;
  }

  /** The id of the bytes from `from` to `to`, whose hash the caller has; a new one where they were not met before. */
  intern(bytes: Uint8Array, from: number, to: number, hash: number): number {
    // Answers often come task by task.
    const last = this.#last;
    if (last < this.#count && this.#hashes[last] === hash && this.#equals(last, bytes, from, to)) return last;
    const mask = this.#slots.length - 1;
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const id = this.#slots[slot] ?? -1;
      if (id < 0) {
        this.#last = this.#add(bytes, from, to, hash, slot);
        return this.#last;
      }
      if (this.#hashes[id] === hash && this.#equals(id, bytes, from, to)) {
        this.#last = id;
        return id;
      }
    }
  }

  /** The id of a text. */
  internText(text: string): number {
    const bytes = new TextEncoder().encode(text);
    let hash = HASH_START;
    for (const byte of bytes) hash = hashByte(hash, byte);
    return this.intern(bytes, 0, bytes.length, hash);
  }

  /** All names by id. */
  names(): readonly string[] {
    if (this.#names?.length === this.#count) return this.#names;
    const bytes = this.#arena.subarray(0, this.#ends[this.#count]);
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const whole = decoder.decode(bytes);
    // With one unit of text per byte all is ASCII, and each name a slice.
    const slice =
      whole.length === bytes.length
        ? (from: number, to: number) => whole.slice(from, to)
        : (from: number, to: number) => decoder.decode(bytes.subarray(from, to));
    const names = new Array<string>(this.#count);
    for (let id = 0; id < this.#count; id++) names[id] = slice(this.#ends[id] ?? 0, this.#ends[id + 1] ?? 0);
    this.#names = names;
    return names;
  }

  #equals(id: number, bytes: Uint8Array, from: number, to: number): boolean {
    const start = this.#ends[id] ?? 0;
    if ((this.#ends[id + 1] ?? 0) - start !== to - from) return false;
    for (let i = from, k = start; i < to; i++, k++) if (bytes[i] !== this.#arena[k]) return false;
    return true;
  }

  #add(bytes: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const id = this.#count++;
    const start = this.#ends[id] ?? 0;
    const end = start + to - from;
    if (end > this.#arena.length) this.#arena = grown(this.#arena, Math.max(2 * this.#arena.length, end));
    if (to - from < 32) for (let i = from, k = start; i < to; i++, k++) this.#arena[k] = bytes[i] ?? 0;
    else this.#arena.set(bytes.subarray(from, to), start);
    if (id >= this.#hashes.length) {
      this.#hashes = grown(this.#hashes, 2 * id);
      this.#ends = grown(this.#ends, 2 * id + 1);
    }
    this.#hashes[id] = hash;
    this.#ends[id + 1] = end;
    this.#slots[slot] = id;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = spread(this.#hashes[id] ?? 0) & mask;
      while ((this.#slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      this.#slots[slot] = id;
    }
  }
}

/** FNV leaves its best bits on top; the table takes the lowest. */
function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** A copy with room for `size`. */
export function grown<T extends Uint8Array | Int32Array>(array: T, size: number): T {
  const larger = new (array.constructor as new (size: number) => T)(size);
  larger.set(array);
  return larger;
}
