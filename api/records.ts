/** One record of an import: a line of NDJSON or a CSV record, which may span lines. */
export interface RawRecord {
  /** The line it begins on, from 1. */
  readonly line: number;
  /** The line it ends on: a later one where line ends are inside quotes. */
  readonly lastLine: number;
  /** Without its line end; null when it was too long to keep. */
  readonly bytes: Uint8Array | null;
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

type CellState = 'start' | 'plain' | 'quoted' | 'closed';

/**
 * Cuts a byte stream into records, chunk by chunk, holding at most `maxBytes` of an unfinished one. In CSV a line end
 * inside quotes does not end the record.
 */
export class RecordSplitter {
  readonly #maxBytes: number;
  readonly #csv: boolean;
  #parts: Uint8Array[] = [];
  #size = 0;
  #tooLong = false;
  #line = 1;
  #firstLine = 1;
  #cell: CellState = 'start';

  constructor(options: { maxBytes: number; csv: boolean }) {
    this.#maxBytes = options.maxBytes;
    this.#csv = options.csv;
  }

  /** The records that end in this chunk. */
  push(chunk: Uint8Array): RawRecord[] {
    const records: RawRecord[] = [];
    let from = 0;
    for (let at = this.#nextLineEnd(chunk, 0); at >= 0; at = this.#nextLineEnd(chunk, at + 1)) {
      this.#line += 1;
      // A record too long to keep is given up at the next line end, even if a quote is still open.
      if (this.#cell === 'quoted' && !this.#overflows(at - from)) continue;
      this.#keep(chunk.subarray(from, at));
      records.push(this.#finish(this.#line - 1));
      from = at + 1;
    }
    this.#keep(chunk.subarray(from));
    return records;
  }

  /** The record that the stream ends with, if it has no line end. */
  end(): RawRecord[] {
    if (this.#size === 0 && !this.#tooLong) return [];
    const endsLine = this.#parts.at(-1)?.at(-1) === NEWLINE;
    return [this.#finish(endsLine ? this.#line - 1 : this.#line)];
  }

  #overflows(more: number): boolean {
    return this.#tooLong || this.#size + more > this.#maxBytes;
  }

  #nextLineEnd(chunk: Uint8Array, from: number): number {
    if (!this.#csv) return chunk.indexOf(NEWLINE, from);
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === NEWLINE) return at;
      this.#cell = nextCellState(this.#cell, byte);
    }
    return -1;
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    if (this.#overflows(part.length)) {
      this.#tooLong = true;
      this.#parts = [];
      this.#size = 0;
    } else {
      this.#parts.push(part);
      this.#size += part.length;
    }
  }

  #finish(lastLine: number): RawRecord {
    const whole = this.#parts.length === 1 ? (this.#parts[0] ?? new Uint8Array()) : Buffer.concat(this.#parts);
    const bytes = whole.at(-1) === RETURN ? whole.subarray(0, -1) : whole;
    const record = { line: this.#firstLine, lastLine, bytes: this.#tooLong ? null : bytes };
    this.#parts = [];
    this.#size = 0;
    this.#tooLong = false;
    this.#cell = 'start';
    this.#firstLine = this.#line;
    return record;
  }
}

function nextCellState(state: CellState, byte: number | undefined): CellState {
  if (state === 'quoted') return byte === QUOTE ? 'closed' : 'quoted';
  if (byte === COMMA) return 'start';
  // A quote opens a quoted cell at its start, and right after a closing one it is an escaped quote.
  return byte === QUOTE && state !== 'plain' ? 'quoted' : 'plain';
}
