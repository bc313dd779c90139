/**
 * Levenshtein distance of two sequences of numbers: least insertions, deletions and replacements. Bit-parallel in
 * blocks of 32 rows: O(|a| x |b| / 32).
 *
 * G. Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic programming" (J. ACM 46,
 * 1999), in the block form of H. Hyyrö (2003).
 */
export function editDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let from = 0;
  let [aEnd, bEnd] = [a.length, b.length];
  while (from < aEnd && from < bEnd && a[from] === b[from]) from++;
  while (aEnd > from && bEnd > from && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd--;
    bEnd--;
  }
  const rows = aEnd - from;
  const columns = bEnd - from;
  if (rows === 0 || columns === 0) return rows + columns;
  const blocks = Math.ceil(rows / 32);
  const places = placesOf(a, from, rows, blocks);
  const none = new Int32Array(blocks);
  // One bit a row: whether the distance grows (plus) or falls (minus) from the row above.
  const plus = new Int32Array(blocks).fill(-1);
  const minus = new Int32Array(blocks);
  const lastBit = (rows - 1) & 31;
  let distance = rows;
  for (let j = from; j < bEnd; j++) {
    const equal = places.get(b[j] ?? 0) ?? none;
    let carryPlus = 1; // the first row's distance grows by one a column
    let carryMinus = 0;
    for (let block = 0; block < blocks; block++) {
      const p = plus[block] as number;
      const m = minus[block] as number;
      const eq = (equal[block] as number) | carryMinus;
      const vertical = (equal[block] as number) | m;
      const zero = (((eq & p) + p) ^ p) | eq;
      let up = m | ~(zero | p);
      let down = p & zero;
      const bit = block === blocks - 1 ? lastBit : 31;
      const outPlus = (up >>> bit) & 1;
      const outMinus = (down >>> bit) & 1;
      up = (up << 1) | carryPlus;
      down = (down << 1) | carryMinus;
      plus[block] = down | ~(vertical | up);
      minus[block] = up & vertical;
      carryPlus = outPlus;
      carryMinus = outMinus;
    }
    distance += carryPlus - carryMinus;
  }
  return distance;
}

/** For each value of `a` the rows it stands in, as bits. */
function placesOf(a: ArrayLike<number>, from: number, rows: number, blocks: number): Map<number, Int32Array> {
  const places = new Map<number, Int32Array>();
  for (let i = 0; i < rows; i++) {
    const value = a[from + i] ?? 0;
    let bits = places.get(value);
    if (!bits) {
      bits = new Int32Array(blocks);
      places.set(value, bits);
    }
    bits[i >>> 5] = (bits[i >>> 5] as number) | (1 << (i & 31));
  }
  return places;
}
