import fc from 'fast-check';
import type { CrowdFit } from '../../../../domain/aggregation/crowd/fit.ts';
import { type NamedRatings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { reference } from '../../agreement/reference.ts';

/** crowd-kit's posteriors, by names. */
export interface Table {
  readonly index: readonly string[];
  readonly columns: readonly string[];
  readonly values: readonly (readonly number[])[];
}

interface EmOutput {
  readonly probas: Table;
  readonly iterations: number;
}

export interface GladOutput extends EmOutput {
  readonly alphas: Readonly<Record<string, number>>;
  readonly betas: Readonly<Record<string, number>>;
}

export interface MaceOutput {
  readonly probas: Table;
  readonly spamming_col0_spam_col1_know: readonly (readonly [number, number])[];
  readonly thetas: readonly (readonly number[])[];
  readonly init: { readonly spamming: readonly (readonly number[])[]; readonly thetas: readonly (readonly number[])[] };
}

export interface ReferenceCrowd {
  readonly seed: number;
  readonly ratings: NamedRatings;
  readonly out: {
    readonly MajorityVote: { readonly probas: Table };
    readonly DawidSkene_default: EmOutput;
    readonly DawidSkene_converged: EmOutput;
    readonly OneCoinDawidSkene_default: EmOutput;
    readonly OneCoinDawidSkene_converged: EmOutput;
    readonly GLAD_default: GladOutput;
    readonly GLAD_converged?: GladOutput;
    readonly MACE_vb_n_restarts1_iter50: MaceOutput;
    readonly MACE_em_n_restarts1_iter50: MaceOutput;
  };
}

const file = reference<{
  cases: { seed: number; rows: [string, string, string][]; out: ReferenceCrowd['out'] }[];
}>('crowd.json');

/** Twenty small crowds with the output of crowd-kit 1.4.2; none where the file is not there. */
export const referenceCrowds: readonly ReferenceCrowd[] = (file?.cases ?? []).map(({ seed, rows, out }) => ({
  seed,
  ratings: toRatings(rows.map(([task, worker, label]) => ({ task, worker, label }))),
  out,
}));

/** The largest difference between posteriors and crowd-kit's. */
export function difference({ units, values }: NamedRatings, fit: CrowdFit, table: Table): number {
  return Math.max(
    ...table.index.flatMap((task, row) =>
      table.columns.map((label, column) => {
        const ours = fit.posteriors?.[units.indexOf(task) * values.length + values.indexOf(label)];
        return Math.abs((ours ?? Number.NaN) - (table.values[row]?.[column] ?? Number.NaN));
      }),
    ),
  );
}

/** The tasks that crowd-kit labels otherwise, each with how far ahead its own label is there. */
export function otherwise({ units, values }: NamedRatings, fit: CrowdFit, table: Table): number[] {
  return table.index.flatMap((task, row) => {
    const probabilities = table.values[row] ?? [];
    const [first = 0, second = 0] = [...probabilities].sort((a, b) => b - a);
    const label = table.columns[probabilities.indexOf(first)];
    return values[fit.labels[units.indexOf(task)] ?? -1] === label ? [] : [first - second];
  });
}

/** Crowds of a few workers and labels, each worker answering a task at most once. */
export const smallCrowds = fc
  .record({
    tasks: fc.integer({ min: 1, max: 12 }),
    workers: fc.integer({ min: 1, max: 6 }),
    labels: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ tasks, workers, labels }) =>
    fc.array(fc.array(fc.option(fc.integer({ min: 0, max: labels - 1 })), { minLength: workers, maxLength: workers }), {
      minLength: tasks,
      maxLength: tasks,
    }),
  )
  .map((rows) =>
    rows.flatMap((row, t) =>
      row.flatMap((label, w) => (label === null ? [] : [{ task: `t${t}`, worker: `w${w}`, label: `L${label}` }])),
    ),
  )
  .filter((answers) => answers.length > 0);

/** Of two fits of the same answers in different order, the largest difference between posteriors. */
export function posteriorDifference(a: CrowdFit, of: NamedRatings, b: CrowdFit, other: NamedRatings): number {
  let most = 0;
  of.units.forEach((unit, t) => {
    of.values.forEach((value, l) => {
      const one = a.posteriors?.[t * of.valueCount + l] ?? Number.NaN;
      const two = b.posteriors?.[other.units.indexOf(unit) * of.valueCount + other.values.indexOf(value)] ?? Number.NaN;
      most = Math.max(most, Math.abs(one - two));
    });
  });
  return most;
}
