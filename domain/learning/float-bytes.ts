import { QuorateError } from '../failures.ts';

/** Numbers as 32-bit little-endian floats, as vectors are stored. */
export function floatBytes(values: ArrayLike<number>): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let at = 0; at < values.length; at++) view.setFloat32(4 * at, values[at] as number, true);
  return new Uint8Array(view.buffer);
}

/** Rows of `dims` stored floats each, one after the other; throws where one has another length. */
export function floatRows(rows: readonly Uint8Array[], dims: number): Float32Array {
  const all = new Float32Array(rows.length * dims);
  rows.forEach((bytes, row) => {
    if (bytes.byteLength !== 4 * dims) {
      const message = `A stored vector has ${bytes.byteLength / 4} numbers; the others have ${dims}.`;
      throw new QuorateError('invalid_input', message);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let d = 0; d < dims; d++) all[row * dims + d] = view.getFloat32(4 * d, true);
  });
  return all;
}
