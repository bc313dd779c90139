/**
 * The reader of plain CSV (AssemblyScript, compiled to dist/kernels/table.wasm): gives each cell of chosen columns the id
 * of its text, in order of first appearance, as `readColumns` in domain/formats does. Addresses are in bytes.
 */

const TAB: u32 = 0x09;
const LF: u32 = 0x0a;
const CR: u32 = 0x0d;
const SPACE: u32 = 0x20;
const QUOTE: u32 = 0x22;
const COMMA: u32 = 0x2c;
const HASH_START: u32 = 0x811c9dc5;

/** A column's record: where its arrays are, and how far they are filled. */
@unmanaged
class Column {
  /** By row: the id. */
  ids: usize;
  /** The hash table: id + 1, or 0 for none; as many as `mask` + 1. */
  slots: usize;
  mask: u32;
  /** By id: the hash of its text. */
  hashes: usize;
  /** Text id lies in the arena from `ends[id]` up to `ends[id + 1]`. */
  ends: usize;
  arena: usize;
  count: u32;
  /** The id that was met last. */
  last: u32;
}

/** How many lines end between two addresses. */
export function lines(from: usize, to: usize): u32 {
  let count: u32 = 0;
  for (let at = from; at < to; at++) count += u32(load<u8>(at) === LF);
  return count;
}

/** How far the text is read: where the next row begins, and its number. */
@unmanaged
class Reached {
  at: usize;
  row: usize;
}

/**
 * Reads rows of `width` cells up to `end`, and the one there to its end, without blanks around cells; `places` says for
 * each cell where the record of its column is, or 0. The text ends with a line feed. False at the first thing that needs
 * more than this: quotes, blank lines, another number of cells, in a chosen column no text or other than ASCII.
 */
export function rows(reached: Reached, end: usize, places: usize, width: u32): bool {
  let at = reached.at;
  let row = reached.row;
  while (at < end) {
    for (let place: u32 = 1; place <= width; place++) {
      while (isBlank(load<u8>(at))) at++;
      const from = at;
      let hash = HASH_START;
      let seen: u32 = 0;
      let byte: u32;
      for (;;) {
        byte = load<u8>(at);
        if (byte <= COMMA && (byte === COMMA || byte === LF || byte === CR || byte === QUOTE)) break;
        seen |= byte;
        hash = (hash ^ byte) * 0x01000193;
        at++;
      }
      let to = at++;
      if (byte === CR) byte = load<u8>(at++) === LF ? LF : QUOTE;
      if (byte !== (place === width ? LF : COMMA)) return false;
      const column = changetype<Column>(<usize>load<u32>(places + ((place - 1) << 2)));
      if (changetype<usize>(column) === 0) {
        if (width === 1 && from === to) return false;
        continue;
      }
      if (to > from && isBlank(load<u8>(to - 1))) {
        while (isBlank(load<u8>(to - 1))) to--;
        hash = hashOf(from, to);
      }
      if (from === to || seen >= 0x80) return false;
      store<u32>(column.ids + (row << 2), intern(column, from, to, hash));
    }
    row++;
  }
  reached.at = at;
  reached.row = row;
  return true;
}

function isBlank(byte: u32): bool {
  return byte === SPACE || byte === TAB;
}

function hashOf(from: usize, to: usize): u32 {
  let hash = HASH_START;
  for (let at = from; at < to; at++) hash = (hash ^ <u32>load<u8>(at)) * 0x01000193;
  return hash;
}

function intern(column: Column, from: usize, to: usize, hash: u32): u32 {
  // Answers often come task by task.
  const last = column.last;
  if (last < column.count && isText(column, last, from, to, hash)) return last;
  const mask = column.mask;
  let slot = spread(hash) & mask;
  while (true) {
    const next = load<u32>(column.slots + (slot << 2));
    if (next === 0) {
      store<u32>(column.slots + (slot << 2), column.count + 1);
      return add(column, from, to, hash);
    }
    if (isText(column, next - 1, from, to, hash)) {
      column.last = next - 1;
      return next - 1;
    }
    slot = (slot + 1) & mask;
  }
}

function isText(column: Column, id: u32, from: usize, to: usize, hash: u32): bool {
  if (load<u32>(column.hashes + (id << 2)) !== hash) return false;
  const start: usize = load<u32>(column.ends + (id << 2));
  if (<usize>load<u32>(column.ends + (id << 2), 4) - start !== to - from) return false;
  for (let known = column.arena + start; from < to; from++, known++)
    if (load<u8>(from) !== load<u8>(known)) return false;
  return true;
}

function add(column: Column, from: usize, to: usize, hash: u32): u32 {
  const id = column.count++;
  const start: usize = load<u32>(column.ends + (id << 2));
  for (let at = from, copy = column.arena + start; at < to; at++, copy++) store<u8>(copy, load<u8>(at));
  store<u32>(column.ends + (id << 2), <u32>(start + to - from), 4);
  store<u32>(column.hashes + (id << 2), hash);
  column.last = id;
  if (column.count << 1 > column.mask) rehash(column);
  return id;
}

/** There is room for twice as many slots whenever there are more texts than half of them. */
function rehash(column: Column): void {
  const mask = 2 * column.mask + 1;
  memory.fill(column.slots, 0, (<usize>mask + 1) << 2);
  for (let id: u32 = 0; id < column.count; id++) {
    let slot = spread(load<u32>(column.hashes + (id << 2))) & mask;
    while (load<u32>(column.slots + (slot << 2)) !== 0) slot = (slot + 1) & mask;
    store<u32>(column.slots + (slot << 2), id + 1);
  }
  column.mask = mask;
}

/** The hash has its best bits on top; the table takes the lowest. */
function spread(hash: u32): u32 {
  const mixed = (hash ^ (hash >>> 16)) * 0x85ebca6b;
  return mixed ^ (mixed >>> 13);
}
