import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { sharedMath } from '../../activities/vectors/shared-math.ts';
import { type NpyRows, readNpy } from '../../domain/formats/npy.ts';
import { plainMath, type VectorMath } from '../../domain/learning/vector-math.ts';
import { fileProblem } from './files.ts';

/** Smaller files are not worth a second thread. */
const LEAST_THREADED_BYTES = 4_000_000;
/** The shared memory, which also holds what is made of the vectors, ends at 4 GiB. */
const MOST_SHARED_BYTES = 3_000_000_000;
const CHUNK_BYTES = 2 ** 28;

/** What works on vectors of so many bytes, and has room for them; by threads where that is worth it. */
export function mathFor(bytes: number): VectorMath {
  if (bytes > MOST_SHARED_BYTES) return plainMath;
  return bytes < LEAST_THREADED_BYTES ? sharedMath(bytes, 1) : sharedMath(bytes);
}

/** Vectors of a .npy file and what works on them: a large file is read straight into memory that threads share. */
export function readVectors(file: string): { npy: NpyRows; math: VectorMath } {
  try {
    const from = openSync(file, 'r');
    try {
      const { size } = fstatSync(from);
      const math = mathFor(size);
      const room = math.floats(Math.ceil(size / 4));
      const bytes = new Uint8Array(room.buffer, room.byteOffset, size);
      let at = 0;
      while (at < size) {
        const read = readSync(from, bytes, at, Math.min(CHUNK_BYTES, size - at), null);
        if (read === 0) break;
        at += read;
      }
      return { npy: readNpy(bytes.subarray(0, at), file, math.floats), math };
    } finally {
      closeSync(from);
    }
  } catch (error) {
    throw fileProblem(error, file);
  }
}
