import { HASH_START, hashByte } from './byte-names.ts';
import { parseCsvRecord } from './csv.ts';

const [TAB, LF, CR, SPACE, QUOTE, COMMA] = [0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c];

/**
 * Goes through the bytes of a CSV file cell by cell, hashing as it goes, without making strings. The position and the
 * cell just read are fields, which the caller reads at once: an object per cell would cost more than the rest.
 */
export class CsvScanner {
  readonly bytes: Uint8Array;
  /** Where the next cell begins, and on which line (from 1). */
  at: number;
  line = 1;
  /** The cell just read: its bytes, without quotes around them or, where it has none, without blanks around it. */
  from = 0;
  to = 0;
  hash = HASH_START;
  isAscii = true;
  /** Whether it was the last one of its record. */
  isLast = false;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Passes over lines without anything in them. */
  skipBlankLines(): void {
    for (;;) {
      const first = this.bytes[this.at];
      if (first === LF) this.at += 1;
      else if (first === CR && this.bytes[this.at + 1] === LF) this.at += 2;
      else return;
      this.line++;
    }
  }

  /** Reads a cell. False where only `record` can, from the start of the record: for quotes inside a cell, and errors. */
  cell(): boolean {
    const { bytes } = this;
    const size = bytes.length;
    let at = this.at;
    let hash = HASH_START;
    let seen = 0;
    let newlines = 0;
    const isQuoted = bytes[at] === QUOTE;
    if (isQuoted) at++;
    else while (isBlank(bytes[at])) at++;
    this.from = at;
    if (isQuoted) {
      for (; at < size; at++) {
        const byte = bytes[at] ?? 0;
        if (byte === QUOTE) break;
        if (byte === LF) newlines++;
        seen |= byte;
        hash = hashByte(hash, byte);
      }
    } else {
      for (; at < size; at++) {
        const byte = bytes[at] ?? 0;
        if (byte <= COMMA) {
          if (byte === COMMA || byte === LF || byte === QUOTE) break;
          if (byte === CR && this.#endsAt(at)) break;
        }
        seen |= byte;
        hash = hashByte(hash, byte);
      }
    }
    this.to = at;
    this.hash = hash;
    this.isAscii = seen < 0x80;
    if (!isQuoted && isBlank(bytes[at - 1])) this.#dropLastBlanks();
    if (isQuoted && ++at > size) return false;
    if (bytes[at] === COMMA) {
      this.isLast = false;
      this.at = at + 1;
    } else {
      if (!this.#endsAt(at)) return false;
      this.isLast = true;
      this.at = at + (bytes[at] === CR ? 2 : 1);
      newlines++;
    }
    this.line += newlines;
    return true;
  }

  /** Seldom needed, so it costs a second reading of the cell and leaves the first one quick. */
  #dropLastBlanks(): void {
    const { bytes, from } = this;
    while (this.to > from && isBlank(bytes[this.to - 1])) this.to--;
    this.hash = HASH_START;
    for (let at = from; at < this.to; at++) this.hash = hashByte(this.hash, bytes[at] ?? 0);
  }

  /** Whether a record ends here: at the end of the file, a line feed, or a carriage return before one. */
  #endsAt(at: number): boolean {
    const byte = this.bytes[at];
    if (byte === CR) return at + 1 >= this.bytes.length || this.bytes[at + 1] === LF;
    return byte === LF || byte === undefined;
  }

  /**
   * Reads the whole record that begins here, in full generality, cells as `cell` gives them; or says what is wrong with it.
   */
  record(): { cells: string[] } | { fault: string } {
    const { bytes } = this;
    const from = this.at;
    let inQuotes = false;
    let newlines = 1;
    let at = from;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) inQuotes = !inQuotes;
      else if (byte === LF) {
        if (!inQuotes) break;
        newlines++;
      }
    }
    this.at = at + 1;
    this.line += newlines;
    const to = bytes[at - 1] === CR && !inQuotes && at > from ? at - 1 : at;
    const text = utf8Text(bytes.subarray(from, to));
    return text === undefined
      ? { fault: 'the text is not valid UTF-8; save the file as UTF-8' }
      : parseCsvRecord(text, 'trimmed');
  }
}

/** Blanks around a cell without quotes are none of it: people write `a, b`, and programs pad columns. */
const isBlank = (byte: number | undefined) => byte === SPACE || byte === TAB;

/** Text of UTF-8 bytes; undefined where they are none. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
