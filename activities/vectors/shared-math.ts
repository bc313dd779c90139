import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { plainMath, type VectorMath } from '../../domain/learning/vector-math.ts';
import {
  compileKernel,
  loadKernel,
  PAGE_BYTES,
  type SharedWasmMemory,
  sharedMemory,
} from '../../domain/web-assembly.ts';
import { CONTROL_WORDS, DONE, type OPERATIONS, openEnd, openJob, workOff } from './job.ts';
import type { Kernel } from './kernel.ts';

/** Threads beyond the first few wait for memory, not for work. */
const MOST_THREADS = 8;
/** Everything lies at a multiple of this many bytes: a cache line. */
const ALIGNMENT = 64;
/** Where the compiled kernel and thread lie, from the sources and from the build alike. */
const BUILT = new URL(import.meta.url.endsWith('.ts') ? '../../dist/' : '../../', import.meta.url);

export interface SharedMath extends VectorMath {
  /** Ends the threads; the arrays stay readable. */
  close(): void;
}

/**
 * Vector operations by a SIMD kernel on one shared memory of up to 4 GiB, by as many threads as there are cores: the
 * same bits as `plainMath`, which takes over where an array lies elsewhere or the memory is full. The caller's thread
 * works too and waits for the others, so the operations are synchronous.
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

  function run(operation: (typeof OPERATIONS)[number], rows: number, words: readonly number[]): void {
    const blocks = openJob(control, operation, rows, words);
    finish(control, kernel, blocks);
  }

  /** Calls `work` with the addresses of the numbers; they are copied for the time of the call. */
  function beside(numbers: readonly Float32Array[], work: (addresses: readonly number[]) => void): boolean {
    const mark = arena.mark();
    const copies = numbers.map((values) => {
      const copy = arena.floats(values.length);
      copy?.set(values);
      return copy?.byteOffset;
    });
    const addresses = copies.filter((address) => address !== undefined);
    if (addresses.length === numbers.length) work(addresses);
    arena.reset(mark);
    return addresses.length === numbers.length;
  }

  return {
    floats: (length) => arena.floats(length) ?? plainMath.floats(length),
    affine(rows, map, out) {
      const done =
        arena.holds(rows, out) &&
        beside([map.weights, map.offset], ([weights = 0, offset = 0]) =>
          run('affine', rows.length / map.dims, [
            rows.byteOffset,
            map.dims,
            weights,
            offset,
            out.byteOffset,
            map.outputs,
          ]),
        );
      if (!done) plainMath.affine(rows, map, out);
    },
    lowerNearest(rows, dims, targets, nearest) {
      const done =
        arena.holds(rows, nearest) &&
        beside([targets], ([at = 0]) =>
          run('lowerNearest', nearest.length, [rows.byteOffset, dims, at, targets.length / dims, nearest.byteOffset]),
        );
      if (!done) plainMath.lowerNearest(rows, dims, targets, nearest);
    },
    dots(rows, dims, target, out) {
      const done =
        arena.holds(rows, out) &&
        beside([target], ([at = 0]) => run('dots', out.length, [rows.byteOffset, dims, at, 0, out.byteOffset]));
      if (!done) plainMath.dots(rows, dims, target, out);
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
      if (next < used) floats.fill(0);
      used = Math.max(used, end);
      next = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      return floats;
    },
    holds: (...arrays: readonly Float32Array[]) => arrays.every(({ buffer }) => own.has(buffer)),
  };
}
