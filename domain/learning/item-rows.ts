import { sparseOf } from './item-features.ts';
import { differences, type SparseMatrix, selectRows } from './sparse.ts';
import { joined, type TextRows } from './text-space.ts';
import type { VectorMath } from './vector-math.ts';
import { type VectorSpace, vectorFeatures } from './vector-space.ts';

/** What an item shows a model. */
export type Shown = 'one text' | 'two answers' | 'answers';

/** Items as models and strategies see them. */
export interface ItemRows {
  /** What models are fitted on: words, then coordinates. */
  readonly matrix: SparseMatrix;
  /** What strategies measure distances by (count x dims). */
  readonly dense: Float32Array;
  readonly dims: number;
  readonly words?: SparseMatrix;
  /** Of vectors: see `ItemFeatures`. */
  readonly spread?: Float64Array;
  /** Of items that show any number of answers: what models are fitted on in place of `matrix`. */
  readonly answers?: AnswerRows;
}

/** A row for each answer, item by item. */
export interface AnswerRows {
  readonly matrix: SparseMatrix;
  /** Answers of each item. */
  readonly counts: readonly number[];
}

/** Two rows an item, of which the item's is the first less the second. */
interface Sides {
  readonly firsts: readonly number[];
  readonly seconds: readonly number[];
}

/** Of texts that follow each other, `counts` of each item: a row an item. */
export function itemRows(texts: TextRows, shows: Shown = 'one text', counts: readonly number[] = []): ItemRows {
  if (shows === 'one text') {
    const { matrix, dense, dims, words } = joined(texts);
    return { matrix, dense, dims, ...(words ? { words } : {}) };
  }
  const { dense, dims, words } = texts;
  const sides = shows === 'answers' ? farthest(dense, dims, counts) : inTurn(words.rows);
  const apart = {
    words: differences(selectRows(words, sides.firsts), selectRows(words, sides.seconds)),
    ...{ dense: less(dense, dims, sides), dims },
  };
  return { ...itemRows(apart), ...(shows === 'answers' && { answers: { matrix: joined(texts).matrix, counts } }) };
}

/** As `itemRows`, of vectors on the scale of a space learnt before. */
export function vectorRows(
  vectors: Float32Array,
  space: VectorSpace,
  { shows = 'one text', counts = [], math }: { shows?: Shown; counts?: readonly number[]; math?: VectorMath } = {},
): ItemRows {
  const { count, dense, dims, rows, spread } = vectorFeatures(vectors, space, math);
  const { values } = rows(Array.from({ length: count }, (_, row) => row));
  const matrix = sparseOf(values, count, space.dims);
  if (shows === 'one text') return { matrix, dense, dims, ...(spread && { spread }) };
  const sides = shows === 'answers' ? farthest(dense, dims, counts) : inTurn(count);
  return {
    matrix: sparseOf(less(values, space.dims, sides), sides.firsts.length, space.dims),
    dense: less(dense, dims, sides),
    dims,
    ...(shows === 'answers' && { answers: { matrix, counts } }),
  };
}

/** Each two rows that follow each other. */
function inTurn(rows: number): Sides {
  const firsts = Array.from({ length: rows / 2 }, (_, at) => 2 * at);
  return { firsts, seconds: firsts.map((row) => row + 1) };
}

/** Of each item the two answers that are farthest apart: of two these, of one it twice. */
function farthest(dense: Float32Array, dims: number, counts: readonly number[]): Sides {
  const firsts: number[] = [];
  const seconds: number[] = [];
  let from = 0;
  for (const count of counts) {
    let [first, second, most] = [from, from + count - 1, -1];
    for (let i = from; i < from + count; i++) {
      for (let j = i + 1; j < from + count; j++) {
        let distance = 0;
        for (let d = 0; d < dims; d++) distance += ((dense[i * dims + d] ?? 0) - (dense[j * dims + d] ?? 0)) ** 2;
        if (distance > most) [first, second, most] = [i, j, distance];
      }
    }
    firsts.push(first);
    seconds.push(second);
    from += count;
  }
  return { firsts, seconds };
}

function less(values: Float32Array, dims: number, { firsts, seconds }: Sides): Float32Array {
  const apart = new Float32Array(firsts.length * dims);
  for (let row = 0; row < firsts.length; row++) {
    const [first, second] = [(firsts[row] as number) * dims, (seconds[row] as number) * dims];
    for (let d = 0; d < dims; d++) {
      apart[row * dims + d] = (values[first + d] as number) - (values[second + d] as number);
    }
  }
  return apart;
}
