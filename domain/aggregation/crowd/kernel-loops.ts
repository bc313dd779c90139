import { compileKernel, type WasmModule } from '../../web-assembly.ts';
import type { Answers } from './answers.ts';
import { type CellLoop, cellLoop, shareUngiven } from './cell-expectation.ts';
import { type ConfusionLoop, confusionLoop, FEW_ANSWERS } from './confusion-loop.ts';
import { openRoom } from './kernel-room.ts';
import type { CrowdLoops } from './loops.ts';
import type { WorkerLabels } from './worker-labels.ts';

/**
 * The inner loops by the SIMD kernel whose bytes these are (dist/kernels/crowd.wasm): the same bits as `plainLoops`,
 * which take over where the arrays would not fit into 4 GiB.
 */
export function kernelLoops(bytes: Uint8Array): CrowdLoops {
  const module = compileKernel(bytes);
  return {
    confusion: (answers, pairs) => kernelConfusion(module, answers, pairs) ?? confusionLoop(answers, pairs),
    cells: (answers, key, keys) => kernelCells(module, answers, key, keys) ?? cellLoop(answers, key, keys),
  };
}

function kernelConfusion(module: WasmModule, answers: Answers, pairs: WorkerLabels): ConfusionLoop | undefined {
  const { taskCount, labelCount: K, start } = answers;
  /** Rows of labels are padded to whole vectors of two numbers. */
  const width = K + (K % 2);
  const rowBytes = width * 8;
  const rows = pairs.pairCount + 1;
  const many = start.some((from, t) => t < taskCount && (start[t + 1] as number) - from > FEW_ANSWERS);
  const room = openRoom(
    module,
    { start: start.length, row: pairs.pair.length },
    {
      x: rows * width,
      logs: many ? rows * width : 0,
      counts: rows * width,
      answersOf: width,
      posteriors: taskCount * width,
    },
  );
  if (!room) return undefined;
  const { kernel, at, ints, floats } = room;
  const { x, logs } = floats;
  ints.start.set(start);
  for (let i = 0; i < ints.row.length; i++) ints.row[i] = (pairs.pair[i] as number) * rowBytes;
  const counts = new Float64Array(rows * K);
  /** In the kernel's order. */
  const given = [at('start'), at('row'), at('x'), at('logs'), pairs.pairCount * rowBytes];
  const addresses = [...given, at('counts'), at('answersOf'), at('posteriors')];
  return {
    counts,
    answersOf: floats.answersOf.subarray(0, K),
    run(from) {
      repack(from, K, x, width);
      for (let i = 0; i < logs.length; i++) logs[i] = Math.log(x[i] as number);
      floats.counts.fill(0);
      floats.answersOf.fill(0);
      const likelihood = kernel.confusion(taskCount, FEW_ANSWERS, rowBytes, ...addresses);
      repack(floats.counts, width, counts, K);
      return likelihood;
    },
    posteriors() {
      const out = new Float64Array(taskCount * K);
      repack(floats.posteriors, width, out, K);
      return out;
    },
  };
}

/** Copies rows of one width to rows of another, as far as these go. */
function repack(from: Float64Array, fromWidth: number, to: Float64Array, toWidth: number): void {
  const columns = Math.min(fromWidth, toWidth);
  for (let i = 0, j = 0; i < from.length; i += fromWidth, j += toWidth) {
    for (let k = 0; k < columns; k++) to[j + k] = from[i + k] as number;
  }
}

function kernelCells(module: WasmModule, answers: Answers, key: Int32Array, keys: number): CellLoop | undefined {
  const { taskCount, labelCount, start, cell: cellOf, cellStart, cellLabel } = answers;
  const room = openRoom(
    module,
    {
      start: start.length,
      key: key.length,
      cellOf: cellOf.length,
      cellStart: cellStart.length,
      cellLabel: cellLabel.length,
    },
    {
      base: keys,
      gain: keys,
      prior: labelCount,
      logPrior: labelCount,
      cell: cellLabel.length,
      factor: taskCount,
      right: keys,
      tasks: labelCount,
      answers: labelCount,
      shared: 2,
    },
  );
  if (!room) return undefined;
  const { kernel, ints, floats } = room;
  ints.start.set(start);
  ints.key.set(key);
  ints.cellOf.set(cellOf);
  ints.cellStart.set(cellStart);
  ints.cellLabel.set(cellLabel);
  /** In the kernel's order. */
  const arrays = ['start', 'key', 'cellOf', 'cellStart', 'cellLabel', 'base', 'gain', 'prior', 'logPrior'] as const;
  const filled = ['cell', 'factor', 'right', 'tasks', 'answers', 'shared'] as const;
  const addresses = [...arrays, ...filled].map((name) => room.at(name));
  return {
    ...floats,
    run(model) {
      floats.base.set(model.base);
      floats.gain.set(model.gain);
      floats.prior.set(model.prior);
      floats.logPrior.set(model.prior.map(Math.log));
      for (const sums of [floats.right, floats.tasks, floats.answers]) sums.fill(0);
      const likelihood = kernel.cells(taskCount, labelCount, ...addresses);
      const [ungiven = 0, ungivenAnswers = 0] = floats.shared;
      shareUngiven(floats, floats.prior, ungiven, ungivenAnswers);
      return likelihood;
    },
  };
}
