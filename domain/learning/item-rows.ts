import { sparseOf } from './item-features.ts';
import { differences, type SparseMatrix, selectRows } from './sparse.ts';
import { joined, type TextRows } from './text-space.ts';
import type { VectorMath } from './vector-math.ts';
import { type VectorSpace, vectorFeatures } from './vector-space.ts';

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
}

/** A row for each text. */
export function itemRows(texts: TextRows): ItemRows {
  const { matrix, dense, dims, words } = joined(texts);
  return { matrix, dense, dims, ...(words ? { words } : {}) };
}

/** A row for each two texts that follow each other: the first's less the second's. */
export function pairRows({ words, dense, dims }: TextRows): ItemRows {
  const firsts = Array.from({ length: words.rows / 2 }, (_, at) => 2 * at);
  const seconds = firsts.map((row) => row + 1);
  const apart = differences(selectRows(words, firsts), selectRows(words, seconds));
  return itemRows({ words: apart, dense: lessTheNext(dense, dims), dims });
}

/** A row for each vector, on the scale of a space learnt before; with `pairs`, for each two, the first's less the second's. */
export function vectorRows(vectors: Float32Array, space: VectorSpace, pairs: boolean, math?: VectorMath): ItemRows {
  const { count, dense, dims, rows, spread } = vectorFeatures(vectors, space, math);
  const { values } = rows(Array.from({ length: count }, (_, row) => row));
  if (!pairs) return { matrix: sparseOf(values, count, space.dims), dense, dims, ...(spread && { spread }) };
  return {
    matrix: sparseOf(lessTheNext(values, space.dims), count / 2, space.dims),
    dense: lessTheNext(dense, dims),
    dims,
  };
}

/** Of each two rows the first less the second. */
function lessTheNext(values: Float32Array, dims: number): Float32Array {
  const apart = new Float32Array(values.length / 2);
  for (let at = 0; at < apart.length; at++) {
    const first = 2 * Math.floor(at / dims) * dims + (at % dims);
    apart[at] = (values[first] as number) - (values[first + dims] as number);
  }
  return apart;
}
