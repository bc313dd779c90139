import type { Names } from './column-shape.ts';
import { quotedCell } from './csv.ts';

const [LF, CR, QUOTE, COMMA, SPACE, ASCII] = [0x0a, 0x0d, 0x22, 0x2c, 0x20, 0x80];

const [ZERO, POINT] = [0x30, 0x2e];

const SHARE_DIGITS = 15;
const HIGH_DIGITS = 7;
const SHARE_UNITS = 10 ** SHARE_DIGITS;
const LOW_UNITS = 10 ** (SHARE_DIGITS - HIGH_DIGITS);
/** Smaller numbers would lose digits. */
const LEAST_SHARE = 1e-3;

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

  /** A number from 0 to 1 to fifteen decimals, which is all that a probability near 1 has; others as text. */
  share(value: number): void {
    const scaled = value > LEAST_SHARE && value < 1 ? Math.round(value * SHARE_UNITS) : 0;
    if (scaled === 0 || scaled === SHARE_UNITS) {
      this.text(String(scaled === 0 ? value : 1));
      return;
    }
    this.#makeRoom(2 + SHARE_DIGITS);
    const bytes = this.#bytes;
    const from = this.#at;
    bytes[from] = ZERO;
    bytes[from + 1] = POINT;
    // In two parts, as whole numbers of 32 bits divide the fastest.
    const high = Math.floor(scaled / LOW_UNITS);
    let at = from + 1 + SHARE_DIGITS;
    for (let low = scaled - high * LOW_UNITS; at > from + 1 + HIGH_DIGITS; at--, low = (low / 10) | 0) {
      bytes[at] = ZERO + (low % 10);
    }
    for (let rest = high; at > from + 1; at--, rest = (rest / 10) | 0) bytes[at] = ZERO + (rest % 10);
    at = from + 2 + SHARE_DIGITS;
    while (bytes[at - 1] === ZERO) at--;
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
