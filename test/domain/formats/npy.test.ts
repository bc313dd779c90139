import { describe, expect, it } from 'vitest';
import { readNpy } from '../../../domain/formats/npy.ts';

function npy(values: Float32Array | Float64Array, shape: string, { descr = '', fortran = 'False', version = 1 } = {}) {
  const type = descr || (values instanceof Float32Array ? '<f4' : '<f8');
  const header = `{'descr': '${type}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const start = version === 1 ? 10 : 12;
  const padded = `${header.padEnd(64 * Math.ceil((start + header.length + 1) / 64) - start - 1)}\n`;
  const bytes = new Uint8Array(start + padded.length + values.byteLength);
  bytes.set([0x93, ...Buffer.from('NUMPY'), version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, padded.length, true);
  else view.setUint32(8, padded.length, true);
  bytes.set(Buffer.from(padded, 'latin1'), start);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), start + padded.length);
  return bytes;
}

describe('a .npy file', () => {
  it.each([1, 2, 3])('of 32- or 64-bit floats, format version %i', (version) => {
    const numbers = [1, 2.5, -3, 4, 5, 6];
    for (const values of [Float32Array.from(numbers), Float64Array.from(numbers)]) {
      const read = readNpy(npy(values, '(2, 3)', { version }), 'a.npy');
      expect({ ...read, values: [...read.values] }).toEqual({ rows: 2, dims: 3, values: numbers });
    }
  });

  it('that is none, or of another form, is refused with the reason', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const wrong: [Uint8Array, string][] = [
      [new Uint8Array(40), 'a.npy: it is not a NumPy file'],
      [npy(values, '(4,)'), 'one array of rows x dimensions'],
      [npy(values, '(2, 2)', { fortran: 'True' }), 'column order'],
      [npy(values, '(2, 2)', { descr: '<i4' }), 'of type <i4'],
      [npy(values, '(2, 3)'), '2 rows of 3 need 24'],
      [npy(Float32Array.of(1, 2, 3, Number.NaN), '(2, 2)'), 'row 1 holds NaN'],
    ];
    for (const [bytes, message] of wrong) expect(() => readNpy(bytes, 'a.npy')).toThrow(message);
  });
});
