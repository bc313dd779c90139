import { QuorateError } from '../failures.ts';
import type { TextSpace } from './text-space.ts';

/** Marks the bytes of a stored space, and its version. */
const MAGIC = 0x31535451;
const HEADER_WORDS = 6;

/**
 * A text space as bytes: 32-bit little-endian words (mark, columns of words and of characters, latent dimensions and
 * columns, number of columns that have a direction; then both idf, these columns, and the basis).
 */
export function encodeTextSpace({ wordIdf, charIdf, latent }: TextSpace): Uint8Array {
  const { columns, basis } = latent;
  const words = HEADER_WORDS + wordIdf.length + charIdf.length + columns.length + basis.length;
  const view = new DataView(new ArrayBuffer(4 * words));
  let at = 0;
  const int = (value: number) => view.setUint32(at++ * 4, value, true);
  const floats = (values: Float32Array) => {
    for (const value of values) view.setFloat32(at++ * 4, value, true);
  };
  for (const value of [MAGIC, wordIdf.length, charIdf.length, latent.dims, latent.cols, columns.length]) int(value);
  floats(wordIdf);
  floats(charIdf);
  for (const column of columns) int(column);
  floats(basis);
  return new Uint8Array(view.buffer);
}

/**
 * Reads what `encodeTextSpace` wrote, into memory that threads share: a space is read by several and written by none.
 * Throws if the bytes are something else.
 */
export function decodeTextSpace(bytes: Uint8Array): TextSpace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / 4;
  const int = (word: number) => view.getUint32(word * 4, true);
  const [words = 0, chars = 0, dims = 0, cols = 0, size = 0] =
    count >= HEADER_WORDS ? [1, 2, 3, 4, 5].map((word) => int(word)) : [];
  if (count < HEADER_WORDS || int(0) !== MAGIC || count !== HEADER_WORDS + words + chars + size * (1 + dims)) {
    throw new QuorateError('invalid_input', 'The stored space cannot be read: it is damaged or of another version.');
  }
  let at = HEADER_WORDS;
  const floats = (length: number) => {
    const values = new Float32Array(new SharedArrayBuffer(4 * length));
    for (let i = 0; i < length; i++) values[i] = view.getFloat32(at++ * 4, true);
    return values;
  };
  const wordIdf = floats(words);
  const charIdf = floats(chars);
  const columns = new Uint32Array(new SharedArrayBuffer(4 * size));
  for (let i = 0; i < size; i++) columns[i] = int(at++);
  return { wordIdf, charIdf, latent: { dims, cols, columns, basis: floats(size * dims) } };
}
