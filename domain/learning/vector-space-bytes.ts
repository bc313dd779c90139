import { QuorateError } from '../failures.ts';
import type { VectorSpace } from './vector-space.ts';

/** Marks the bytes of a stored space, and its version. */
const MAGIC = 0x31535651;
const HEADER_BYTES = 16;
const LONGEST_AT = 12;

/**
 * A space of imported vectors as bytes, little-endian: mark, dimensions, leading directions (0: shown as they are), and as a
 * 32-bit float the longest that rows are shown (0: as long as they are); mean and scale as 64-bit floats; then the map to the leading directions, weights and offset, as 32-bit floats.
 */
export function encodeVectorSpace({ dims, mean, scale, leading, longest = 0 }: VectorSpace): Uint8Array {
  const outputs = leading?.outputs ?? 0;
  const view = new DataView(new ArrayBuffer(sizeOf(dims, outputs)));
  [MAGIC, dims, outputs].forEach((value, at) => {
    view.setUint32(4 * at, value, true);
  });
  view.setFloat32(LONGEST_AT, longest, true);
  let at = HEADER_BYTES;
  for (const value of [...mean, ...scale]) {
    view.setFloat64(at, value, true);
    at += 8;
  }
  for (const values of leading ? [leading.weights, leading.offset] : []) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return new Uint8Array(view.buffer);
}

/** Reads what `encodeVectorSpace` wrote; throws if the bytes are something else. */
export function decodeVectorSpace(bytes: Uint8Array): VectorSpace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = bytes.byteLength >= HEADER_BYTES ? [0, 1, 2].map((word) => view.getUint32(4 * word, true)) : [];
  const [magic, dims = 0, outputs = 0] = head;
  if (magic !== MAGIC || bytes.byteLength !== sizeOf(dims, outputs)) {
    throw new QuorateError('invalid_input', 'The stored space cannot be read: it is damaged or of another version.');
  }
  let at = HEADER_BYTES;
  const doubles = () =>
    Float64Array.from({ length: dims }, () => {
      at += 8;
      return view.getFloat64(at - 8, true);
    });
  const floats = (length: number) =>
    Float32Array.from({ length }, () => {
      at += 4;
      return view.getFloat32(at - 4, true);
    });
  const mean = doubles();
  const scale = doubles();
  const longest = view.getFloat32(LONGEST_AT, true);
  const space = { dims, mean, scale, ...(longest > 0 && { longest }) };
  if (outputs === 0) return space;
  return { ...space, leading: { dims, outputs, weights: floats(dims * outputs), offset: floats(outputs) } };
}

const sizeOf = (dims: number, outputs: number) => HEADER_BYTES + 16 * dims + 4 * outputs * (dims + 1);
