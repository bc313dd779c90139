import { QuorateError } from '../failures.ts';
import { firstNotFinite } from '../learning/finite.ts';

/** Rows of numbers, one after another. */
export interface NpyRows {
  readonly rows: number;
  readonly dims: number;
  readonly values: Float32Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const HEADER =
  /^\{\s*'descr':\s*'([^']+)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\((\d+),\s*(\d+),?\),?\s*\}\s*$/;

/**
 * Reads a two-dimensional NumPy array (.npy, format versions 1 to 3) of 32- or 64-bit floats in row order. 64-bit numbers
 * are rounded to 32 bits, into what `floats` gives; 32-bit ones stay where they are. Throws a sentence that names `source` and what is wrong.
 */
export function readNpy(
  bytes: Uint8Array,
  source: string,
  floats: (length: number) => Float32Array = (length) => new Float32Array(length),
): NpyRows {
  const fail = (what: string): never => {
    throw new QuorateError('invalid_input', `${source}: ${what}`);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || MAGIC.some((byte, at) => bytes[at] !== byte)) fail('it is not a NumPy file (.npy).');
  const wide = (bytes[6] as number) >= 2;
  const start = wide ? 12 : 10;
  const size = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const header = new TextDecoder('latin1').decode(bytes.slice(start, start + size));
  const match = HEADER.exec(header);
  if (!match) return fail(`it must hold one array of rows x dimensions, not ${header.trim().slice(0, 120)}.`);
  const [, type, fortran] = match;
  const rows = Number(match[3]);
  const dims = Number(match[4]);
  if (fortran === 'True') fail('its numbers are in column order; save it with np.ascontiguousarray.');
  if (type !== '<f4' && type !== '<f8') fail(`its numbers are of type ${type}; save it as float32.`);
  const width = type === '<f4' ? 4 : 8;
  const at = start + size;
  if (bytes.length - at !== rows * dims * width) {
    fail(`it holds ${bytes.length - at} bytes of numbers; ${rows} rows of ${dims} need ${rows * dims * width}.`);
  }
  const place = bytes.byteOffset + at;
  const inPlace = LITTLE_ENDIAN && width === 4 && place % 4 === 0;
  const values = inPlace ? new Float32Array(bytes.buffer, place, rows * dims) : floats(rows * dims);
  if (!inPlace) {
    for (let i = 0; i < values.length; i++) {
      values[i] = width === 4 ? view.getFloat32(at + 4 * i, true) : view.getFloat64(at + 8 * i, true);
    }
  }
  const wrong = firstNotFinite(values);
  if (wrong >= 0) fail(`row ${Math.floor(wrong / dims)} holds ${values[wrong]}; every number must be finite.`);
  return { rows, dims, values };
}
