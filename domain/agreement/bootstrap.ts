import type { Rng } from '../rng.ts';
import type { Statistic } from './coefficient.ts';

export interface Resampled {
  readonly statistic: Statistic;
  /** The row that each task counts for (see UnitTable.rowOf). */
  readonly rowOf: Int32Array;
  readonly rowCount: number;
}

export interface BootstrapOptions {
  readonly resamples: number;
  readonly rng: Rng;
  /** How much of the resamples lies inside. @default 0.95 */
  readonly level?: number;
  /** Told how many are done. */
  readonly onProgress?: ((resamples: number) => void) | undefined;
}

export type Interval = { readonly interval: readonly [low: number, high: number] } | { readonly undefined: string };

/**
 * Percentile confidence interval of a coefficient by drawing as many tasks as there are, with replacement: tasks, not
 * single answers, since answers to the same task depend on each other. Resamples without a value are left out; with
 * more than half of them there is no interval. B. Efron, "Bootstrap methods: another look at the jackknife" (1979).
 */
export function bootstrapInterval({ statistic, rowOf, rowCount }: Resampled, options: BootstrapOptions): Interval {
  const { resamples, rng, level = 0.95, onProgress } = options;
  const tasks = rowOf.length;
  const weight = new Float64Array(rowCount);
  const values: number[] = [];
  for (let k = 0; k < resamples; k++) {
    weight.fill(0);
    for (let t = 0; t < tasks; t++) {
      const row = rowOf[Math.floor(rng.next() * tasks)] ?? 0;
      weight[row] = (weight[row] ?? 0) + 1;
    }
    const coefficient = statistic(weight);
    if ('value' in coefficient) values.push(coefficient.value);
    onProgress?.(k + 1);
  }
  if (values.length < resamples / 2) return { undefined: 'most resamples of the tasks have no value' };
  const sorted = Float64Array.from(values).sort();
  return { interval: [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)] };
}

/** By linear interpolation between the neighbours, as most statistics packages do by default. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? 0;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? 0;
  return below + (at - low) * (above - below);
}
