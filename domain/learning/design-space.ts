import { sparseOf } from './item-features.ts';
import { fitLatent, latentRows } from './latent.ts';
import type { DenseRows } from './nearest.ts';

/** Vectors of more dimensions are reduced to the leading ones: a design costs their cube. */
const MOST_DIMS = 128;
/** Rows that the leading directions are learnt from. */
const BASIS_ROWS = 1000;

/**
 * The same rows in a space small enough for a design. Its scale and directions come from the last part, the rows that
 * stand for the pool: their mean squared length becomes 1.
 */
export function designSpace<Parts extends readonly [...DenseRows[], DenseRows]>(
  parts: Parts,
  dims: number,
): { dims: number; parts: { [K in keyof Parts]: DenseRows } } {
  const pool = parts[parts.length - 1] as DenseRows;
  if (dims > MOST_DIMS) {
    const count = Math.min(pool.count, BASIS_ROWS);
    const space = fitLatent(sparseOf(pool.dense.subarray(0, count * dims), count, dims), MOST_DIMS, 'design');
    const project = (part: DenseRows) => ({
      dense: latentRows(sparseOf(part.dense, part.count, dims), space, { unitLength: false }),
      count: part.count,
    });
    return { dims: space.dims, parts: toUnitScale(parts.map(project) as { [K in keyof Parts]: DenseRows }) };
  }
  return { dims, parts: toUnitScale(parts) };
}

/** All parts, scaled alike so that the rows of the last have a mean squared length of 1. */
function toUnitScale<Parts extends readonly DenseRows[]>(parts: Parts): { [K in keyof Parts]: DenseRows } {
  const pool = parts[parts.length - 1] as DenseRows;
  let squares = 0;
  for (const value of pool.dense) squares += value * value;
  const factor = squares > 0 ? Math.sqrt(pool.count / squares) : 1;
  const scale = ({ dense, count }: DenseRows) => ({ dense: dense.map((value) => value * factor), count });
  return parts.map(scale) as { [K in keyof Parts]: DenseRows };
}

/**
 * A space of one dimension more, in which all rows are 1: that of a model's intercept. Without it, rows near the middle seem to tell
 * nothing, and a batch is drawn from the edges alone.
 */
export function withIntercept<Parts extends readonly DenseRows[]>(space: {
  dims: number;
  parts: Parts;
}): { dims: number; parts: { [K in keyof Parts]: DenseRows } } {
  const { dims } = space;
  const parts = space.parts.map(({ dense, count }) => {
    const wider = new Float32Array(count * (dims + 1)).fill(1);
    for (let row = 0; row < count; row++) wider.set(dense.subarray(row * dims, (row + 1) * dims), row * (dims + 1));
    return { dense: wider, count };
  });
  return { dims: dims + 1, parts: parts as { [K in keyof Parts]: DenseRows } };
}
