import { compileKernel, loadKernel, MOST_PAGES, ownMemory, PAGE_BYTES } from '../web-assembly.ts';
import type { Names } from './column-shape.ts';

/** Rows of plain CSV as ids of their cells' texts, of chosen columns. */
export interface PlainTable {
  readonly rows: number;
  /** In the order in which they were asked for. */
  readonly columns: readonly { readonly ids: Int32Array; readonly table: Names }[];
}

/**
 * Reads the rows of a CSV text without its header, `width` cells each, of which those at `wanted` (from 0) are chosen.
 * Undefined where the text is not plain: it has quotes, blank lines, rows of another width, or in a chosen column cells
 * that are empty or not ASCII; or where it would not fit into 4 GiB.
 */
export type TableReader = (text: Uint8Array, width: number, wanted: readonly number[]) => PlainTable | undefined;

/** What kernels/table.ts exports. */
interface Kernel {
  lines(from: number, to: number): number;
  rows(reached: number, end: number, places: number, width: number): number;
}

const LF = 0x0a;
/** Read in pieces: the engine takes up better code for a function only when it is called again. */
const PIECE_BYTES = 1 << 18;
/** How many slots a table begins with. */
const SLOTS = 1024;
/** The numbers in a column's record, in the kernel's order. */
const RECORD = 8;
const [COUNT, ENDS, ARENA] = [6, 4, 5];

/** The reader by the kernel whose bytes these are (dist/kernels/table.wasm). */
export function tableReader(kernelBytes: Uint8Array): TableReader {
  const module = compileKernel(kernelBytes);
  return (given, width, wanted) => {
    // Line feeds at the end are no rows; the kernel counts on one.
    let size = given.length;
    while (given[size - 1] === LF) size--;
    const text = PAGE_BYTES;
    const places = aligned(text + size + 1);
    const reached = places + 4 * aligned(width);
    const records = reached + 8;
    const arrays = records + 4 * RECORD * wanted.length;
    const pages = Math.ceil(arrays / PAGE_BYTES);
    if (pages > MOST_PAGES) return undefined;
    const memory = ownMemory(pages);
    const kernel = loadKernel<Kernel>(module, memory);
    const bytes = new Uint8Array(memory.buffer, text, size + 1);
    bytes.set(given.subarray(0, size));
    bytes[size] = LF;
    const most = kernel.lines(text, text + size + 1);

    let next = arrays;
    const place = (length: number) => {
      const from = next;
      next = aligned(next + length);
      return from;
    };
    const layout = wanted.map(() => {
      const ids = place(4 * most);
      // At least two for each text, and then twice as many when these are filled.
      const slots = place(16 * Math.max(most, SLOTS));
      return [ids, slots, SLOTS - 1, place(4 * most), place(4 * (most + 1)), place(size + 1), 0, 0];
    });
    const whole = Math.ceil(next / PAGE_BYTES);
    if (whole > MOST_PAGES) return undefined;
    memory.grow(whole - pages);
    const placed = new Uint32Array(memory.buffer, places, width);
    wanted.forEach((column, at) => {
      placed[column] = records + 4 * RECORD * at;
    });
    new Uint32Array(memory.buffer, records, RECORD * wanted.length).set(layout.flat());
    const state = new Uint32Array(memory.buffer, reached, 2).fill(text, 0, 1);
    for (let [at = 0] = state; at < text + size; [at = 0] = state) {
      if (!kernel.rows(reached, Math.min(at + PIECE_BYTES, text + size), places, width)) return undefined;
    }
    const [, rows = 0] = state;
    const columns = layout.map((record, at) => {
      const count = new Uint32Array(memory.buffer, records + 4 * RECORD * at, RECORD)[COUNT] ?? 0;
      const ends = new Int32Array(memory.buffer, record[ENDS] ?? 0, count + 1);
      const arena = new Uint8Array(memory.buffer, record[ARENA] ?? 0, ends[count]);
      return { ids: new Int32Array(memory.buffer, record[0] ?? 0, rows), table: asciiNames(arena, ends) };
    });
    return { rows, columns };
  };
}

/** Addresses of arrays of numbers are multiples of 8. */
const aligned = (address: number) => Math.ceil(address / 8) * 8;

function asciiNames(arena: Uint8Array, ends: Int32Array): Names {
  const count = ends.length - 1;
  let names: string[] | undefined;
  return {
    count,
    arena,
    ends,
    names() {
      if (names) return names;
      const whole = new TextDecoder().decode(arena);
      names = new Array<string>(count);
      for (let id = 0; id < count; id++) names[id] = whole.slice(ends[id] ?? 0, ends[id + 1] ?? 0);
      return names;
    },
  };
}
