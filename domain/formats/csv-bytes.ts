import type { Names } from './column-shape.ts';
import { quotedCell } from './csv.ts';

const [LF, CR, QUOTE, COMMA, SPACE, ASCII] = [0x0a, 0x0d, 0x22, 0x2c, 0x20, 0x80];

/** So many bytes are collected before they are written: calls cost nothing then, and there is little to hold. */
const PIECE = 1 << 18;

/** Collects CSV as UTF-8. Of names that are there as bytes no text is made, which for many rows costs the most. */
export class CsvBytes {
  #bytes = new Uint8Array(2 * PIECE);
  #at = 0;

  get isFull(): boolean {
    return this.#at >= PIECE;
  }

  /** What was collected; valid until more is. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#at = 0;
    return taken;
  }

  /** Text as it is. */
  text(text: string): void {
    // Code units become at most three bytes each.
    this.#makeRoom(3 * text.length);
    const bytes = this.#bytes;
    const from = this.#at;
    let at = from;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= ASCII) {
        this.#at = from + new TextEncoder().encodeInto(text, bytes.subarray(from)).written;
        return;
      }
      bytes[at++] = unit;
    }
    this.#at = at;
  }

  /** The name of an id as a cell, as `quotedCell` writes it. */
  name(names: Names, id: number): void {
    const { arena, ends } = names;
    const [from, to] = [ends[id] ?? 0, ends[id + 1] ?? 0];
    this.#makeRoom(to - from);
    const bytes = this.#bytes;
    let at = this.#at;
    let isPlain = from === to || ((arena[from] as number) > SPACE && (arena[to - 1] as number) > SPACE);
    for (let i = from; i < to; i++) {
      const byte = arena[i] as number;
      if (byte >= ASCII || byte === COMMA || byte === QUOTE || byte === LF || byte === CR) isPlain = false;
      bytes[at++] = byte;
    }
    if (isPlain) this.#at = at;
    else this.text(quotedCell(new TextDecoder('utf-8', { ignoreBOM: true }).decode(arena.subarray(from, to))));
  }

  #makeRoom(size: number): void {
    if (this.#at + size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + size));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
