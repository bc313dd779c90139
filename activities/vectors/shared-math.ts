import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import {
  addParts,
  momentsOf,
  PART_ROWS,
  plainMath,
  rowOf,
  type VectorMath,
} from '../../domain/learning/vector-math.ts';
import {
  compileKernel,
  loadKernel,
  PAGE_BYTES,
  type SharedWasmMemory,
  sharedMemory,
} from '../../domain/web-assembly.ts';
import { CONTROL_WORDS, DONE, type Operation, openEnd, openJob, workOff } from './job.ts';
import type { Kernel } from './kernel.ts';

/** Threads beyond the first few wait for memory, not for work. */
const MOST_THREADS = 8;
/** Everything lies at a multiple of this many bytes: a cache line. */
const ALIGNMENT = 64;
/** Numbers that are copied at a time from elsewhere: few enough to stay in the cache. */
const PIECE_NUMBERS = 2 ** 17;
/** Where the compiled kernel and thread lie, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../../', import.meta.url);

/** So many numbers for each row. */
interface RowValues {
  readonly values: Float32Array;
  readonly width: number;
  readonly isWritten?: boolean;
}

/** The memory is full. */
class NoRoom extends Error {}

export interface SharedMath extends VectorMath {
  /** Ends the threads; the arrays stay readable. */
  close(): void;
}

/**
 * Vector operations by a SIMD kernel on one shared memory of up to 4 GiB, by as many threads as there are cores: the
 * same bits as `plainMath`, which takes over where the memory is full. Arrays that lie elsewhere are copied, some rows at
 * a time. The caller's thread works too and waits for the others, so the operations are synchronous.
 * `bytes`: what will be needed in all; more can be had later.
 */
export function sharedMath(bytes: number, threads = Math.min(availableParallelism(), MOST_THREADS)): SharedMath {
  const memory = sharedMemory(Math.ceil((bytes + PAGE_BYTES) / PAGE_BYTES));
  const module = compileKernel(readFileSync(new URL('kernels/vectors.wasm', BUILT)));
  const kernel = loadKernel<Kernel>(module, memory);
  const control = new Int32Array(memory.buffer, 0, CONTROL_WORDS);
  const workers = Array.from({ length: threads - 1 }, () => {
    const worker = new Worker(new URL('activities/vectors/thread.js', BUILT), { workerData: { memory, module } });
    worker.unref();
    return worker;
  });
  const arena = createArena(memory);

  function run(operation: Operation, rows: number, words: readonly number[]): void {
    const blocks = openJob(control, operation, rows, words);
    finish(control, kernel, blocks);
  }

  /** Where a copy lies, for the time of the operation. */
  function copied(values: Float32Array | Uint32Array): number {
    const copy = arena.room(values.length);
    if (!copy) throw new NoRoom();
    const { buffer, byteOffset, length } = copy;
    (values instanceof Uint32Array ? new Uint32Array(buffer, byteOffset, length) : copy).set(values);
    return byteOffset;
  }

  const placeOf = (values: Float32Array) => (arena.holds([values]) ? values.byteOffset : copied(values));

  /** Does `work` with room for copies; whether there was enough. */
  function withRoom(work: () => void): boolean {
    const mark = arena.mark();
    try {
      work();
      return true;
    } catch (error) {
      if (error instanceof NoRoom) return false;
      throw error;
    } finally {
      arena.reset(mark);
    }
  }

  /** Calls `work` with the addresses of rows: all of them in place, or, where some lie elsewhere, copies of a few at a time. */
  function byRows(
    count: number,
    all: readonly RowValues[],
    work: (addresses: readonly number[], count: number) => void,
  ): void {
    if (arena.holds(all.map(({ values }) => values))) {
      work(
        all.map(({ values }) => values.byteOffset),
        count,
      );
      return;
    }
    const widest = Math.max(...all.map(({ width }) => width));
    const most = PART_ROWS * Math.ceil(PIECE_NUMBERS / PART_ROWS / widest);
    for (let from = 0; from < count; from += most) {
      const mark = arena.mark();
      const to = Math.min(count, from + most);
      const pieces = all.map(({ values, width }) => values.subarray(from * width, to * width));
      const addresses = pieces.map(copied);
      work(addresses, to - from);
      all.forEach(({ isWritten }, at) => {
        const piece = pieces[at] as Float32Array;
        if (isWritten) piece.set(new Float32Array(memory.buffer, addresses[at], piece.length));
      });
      arena.reset(mark);
    }
  }

  return {
    floats: (length) => arena.floats(length) ?? plainMath.floats(length),
    affine(rows, map, out) {
      const { dims, outputs } = map;
      const byRow = [
        { values: rows, width: dims },
        { values: out, width: outputs, isWritten: true },
      ];
      const isDone = withRoom(() => {
        const [weights, offset] = [copied(map.weights), copied(map.offset)];
        byRows(rows.length / dims, byRow, ([x = 0, to = 0], count) =>
          run('affine', count, [x, dims, weights, offset, outputs, to]),
        );
      });
      if (!isDone) plainMath.affine(rows, map, out);
    },
    lowerNearest(rows, dims, targets, nearest) {
      const byRow = [
        { values: rows, width: dims },
        { values: nearest, width: 1, isWritten: true },
      ];
      const isDone = withRoom(() => {
        const at = copied(targets);
        byRows(nearest.length, byRow, ([x = 0, least = 0], count) =>
          run('lowerNearest', count, [x, dims, at, targets.length / dims, least]),
        );
      });
      if (!isDone) plainMath.lowerNearest(rows, dims, targets, nearest);
    },
    lowerGradients(gradients, target, nearest) {
      const { rows, dims, errors, classes, squares } = gradients;
      const byRow = [
        { values: rows, width: dims },
        { values: errors, width: classes },
        { values: squares, width: 1 },
        { values: nearest, width: 1, isWritten: true },
      ];
      const isDone = withRoom(() => {
        const own = byRow.slice(0, -1).map(({ values, width }) => copied(rowOf(values, target, width)));
        byRows(nearest.length, byRow, ([x = 0, e = 0, s = 0, least = 0], count) =>
          run('lowerGradients', count, [x, dims, e, classes, s, ...own, least]),
        );
      });
      if (!isDone) plainMath.lowerGradients(gradients, target, nearest);
    },
    moments(rows, dims, shift) {
      const totals = new Float64Array(2 * dims);
      const isDone = withRoom(() => {
        const about = copied(shift);
        byRows(rows.length / dims, [{ values: rows, width: dims }], ([x = 0], count) => {
          const parts = Math.ceil(count / PART_ROWS);
          const out = arena.floats(parts * totals.length * 2);
          if (!out) throw new NoRoom();
          run('moments', parts, [x, dims, about, count, out.byteOffset]);
          addParts(totals, new Float64Array(out.buffer, out.byteOffset, parts * totals.length));
        });
      });
      return isDone ? momentsOf(totals) : plainMath.moments(rows, dims, shift);
    },
    sparseTimes(matrix, x, width, out) {
      const isDone = withRoom(() => {
        const words = [copied(matrix.indptr), copied(matrix.indices), copied(matrix.values), placeOf(x), width];
        const to = placeOf(out);
        run('sparseTimes', matrix.rows, [...words, to]);
        if (!arena.holds([out])) out.set(new Float32Array(memory.buffer, to, out.length));
      });
      if (!isDone) plainMath.sparseTimes(matrix, x, width, out);
    },
    close() {
      if (workers.length > 0) openEnd(control);
    },
  };
}

/** Takes part in the open job until all its blocks are done. */
function finish(control: Int32Array, kernel: Kernel, blocks: number): void {
  workOff(control, kernel);
  for (;;) {
    const done = Atomics.load(control, DONE);
    if (done === blocks) return;
    Atomics.wait(control, DONE, done);
  }
}

/** Hands out the memory from its start, behind the control block; only the latest can be taken back. */
function createArena(memory: SharedWasmMemory) {
  let next = Math.ceil((CONTROL_WORDS * 4) / ALIGNMENT) * ALIGNMENT;
  /** Up to here the memory may have been written to. */
  let used = next;
  /** A memory that has grown goes by another object. */
  const own = new WeakSet<object>();
  return {
    mark: () => next,
    reset: (mark: number) => {
      next = mark;
    },
    /** Zeros; undefined when the memory is full. */
    floats(length: number): Float32Array | undefined {
      const written = used;
      const floats = this.room(length);
      return floats?.fill(0, 0, Math.max(0, (written - floats.byteOffset) / 4));
    },
    /** As it was left; undefined when the memory is full. */
    room(length: number): Float32Array | undefined {
      const end = next + length * 4;
      const missing = end - memory.buffer.byteLength;
      try {
        if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
      }
      own.add(memory.buffer);
      const floats = new Float32Array(memory.buffer, next, length);
      used = Math.max(used, end);
      next = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      return floats;
    },
    holds: (arrays: readonly Float32Array[]) => arrays.every(({ buffer }) => own.has(buffer)),
  };
}
