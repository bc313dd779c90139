import { QuorateError } from '../failures.ts';
import { addColumns } from './add-columns.ts';
import type { SparseMatrix } from './sparse.ts';

/** What a model of vectors was taken to be like before any label, by how many labels; see `fitVectorLogistic`. */
export interface Prior {
  /** Whether columns count by how much they vary. */
  readonly own: boolean;
  /** Of the column that holds the intercepts. */
  readonly intercept: number;
  /** As a share of the one that the fit is asked for. */
  readonly penalty: number;
  readonly rows: number;
}

/** A linear model over sparse rows that stores only the columns it has met in training. */
export interface LinearModel {
  /** Numbers it gives for a row; a two-class model has one, the log-odds of the second class. */
  readonly outputs: number;
  /** Columns a row may have, stored or not. */
  readonly cols: number;
  /** The stored columns, ascending. */
  readonly columns: Uint32Array;
  /** Weight of output k for stored column j at j * outputs + k. */
  readonly weights: Float32Array;
  readonly intercept: Float32Array;
  /** Not stored: the next fit in the same run goes on from it. */
  readonly prior?: Prior;
}

/** The model's raw outputs (rows x outputs): weights times row plus intercept. */
export function linearScores(matrix: SparseMatrix, model: LinearModel): Float64Array {
  if (matrix.cols !== model.cols) {
    const message = `The model was trained on ${model.cols} columns, the rows have ${matrix.cols}.`;
    throw new QuorateError('invalid_input', message);
  }
  const { outputs } = model;
  const weights = new Float64Array(model.weights);
  const places = columnPlaces(model);
  const scores = new Float64Array(matrix.rows * outputs);
  let longest = 0;
  for (let row = 0; row < matrix.rows; row++) {
    longest = Math.max(longest, (matrix.indptr[row + 1] as number) - (matrix.indptr[row] as number));
  }
  // Of a row at a time the entries whose column is stored.
  const bases = new Uint32Array(longest);
  const values = new Float32Array(longest);
  for (let row = 0; row < matrix.rows; row++) {
    const end = matrix.indptr[row + 1] as number;
    let to = 0;
    for (let e = matrix.indptr[row] as number; e < end; e++) {
      const place = places[matrix.indices[e] as number] as number;
      if (place < 0) continue;
      bases[to] = place * outputs;
      values[to++] = matrix.values[e] as number;
    }
    scores.set(model.intercept, row * outputs);
    addColumns(scores, row * outputs, { weights, outputs }, { bases, values, from: 0, to });
  }
  return scores;
}

/** The model at another temperature: its outputs, which are log-odds, over that; see `fitTemperature`. */
export function withTemperature(model: LinearModel, temperature: number): LinearModel {
  const cooled = (numbers: Float32Array) => numbers.map((each) => each / temperature);
  return { ...model, weights: cooled(model.weights), intercept: cooled(model.intercept) };
}

/** Where each column is stored, -1 for those that are not. */
export function columnPlaces(model: LinearModel): Int32Array {
  const places = new Int32Array(model.cols).fill(-1);
  model.columns.forEach((column, place) => {
    places[column] = place;
  });
  return places;
}

/** Marks the bytes of a stored model, and its version. */
const MAGIC = 0x314d4c51;
const HEADER_WORDS = 4;

/** Largest stored model in bytes unless told otherwise. */
export const MAX_MODEL_BYTES = 2_000_000;

/**
 * The model as bytes (32-bit little-endian words: mark, outputs, cols, number of stored columns, intercept, columns,
 * weights). If it would be larger than `maxBytes` the columns with the smallest weights are left out.
 */
export function encodeModel(model: LinearModel, maxBytes = MAX_MODEL_BYTES): Uint8Array {
  const { outputs } = model;
  const room = Math.floor((maxBytes / 4 - HEADER_WORDS - outputs) / (1 + outputs));
  const kept = heaviestColumns(model, Math.max(0, room));
  const words = new DataView(new ArrayBuffer(4 * (HEADER_WORDS + outputs + kept.length * (1 + outputs))));
  let offset = 0;
  const int = (value: number) => words.setUint32(offset++ * 4, value, true);
  const float = (value: number) => words.setFloat32(offset++ * 4, value, true);
  for (const value of [MAGIC, outputs, model.cols, kept.length]) int(value);
  for (const value of model.intercept) float(value);
  for (const place of kept) int(model.columns[place] as number);
  for (const place of kept) {
    for (let k = 0; k < outputs; k++) float(model.weights[place * outputs + k] as number);
  }
  return new Uint8Array(words.buffer);
}

/** Reads what `encodeModel` wrote; throws if the bytes are something else. */
export function decodeModel(bytes: Uint8Array): LinearModel {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / 4;
  const int = (word: number) => words.getUint32(word * 4, true);
  const outputs = count >= HEADER_WORDS ? int(1) : 0;
  const size = count >= HEADER_WORDS ? int(3) : 0;
  if (count < HEADER_WORDS || int(0) !== MAGIC || count !== HEADER_WORDS + outputs + size * (1 + outputs)) {
    throw new QuorateError('invalid_input', 'The stored model cannot be read: it is damaged or of another version.');
  }
  const floats = (from: number, length: number) =>
    Float32Array.from({ length }, (_, i) => words.getFloat32((from + i) * 4, true));
  const columnsAt = HEADER_WORDS + outputs;
  return {
    outputs,
    cols: int(2),
    columns: Uint32Array.from({ length: size }, (_, i) => int(columnsAt + i)),
    weights: floats(columnsAt + size, size * outputs),
    intercept: floats(HEADER_WORDS, outputs),
  };
}

/** Places of the `limit` stored columns with the largest weights, ascending. */
function heaviestColumns(model: LinearModel, limit: number): number[] {
  const places = Array.from(model.columns, (_, place) => place);
  if (places.length <= limit) return places;
  const heaviness = places.map((place) => {
    let sum = 0;
    for (let k = 0; k < model.outputs; k++) sum += (model.weights[place * model.outputs + k] as number) ** 2;
    return sum;
  });
  places.sort((a, b) => (heaviness[b] as number) - (heaviness[a] as number) || a - b);
  return places.slice(0, limit).sort((a, b) => a - b);
}
