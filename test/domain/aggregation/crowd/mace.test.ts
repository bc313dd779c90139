import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MaceOptions, mace } from '../../../../domain/aggregation/crowd/mace.ts';
import { majority } from '../../../../domain/aggregation/crowd/majority.ts';
import { type NamedRatings, toRatings } from '../../../../domain/agreement/ratings.ts';
import { accuracy, coinWorker, madeUpCrowd } from './crowds.ts';
import { type MaceOutput, otherwise, referenceCrowds, smallCrowds } from './reference-crowds.ts';

/** Nine tasks; the digits are the answers of workers 0 to 4, with . for none. */
const NINE = ['aaaab', 'cbb.b', '.aaaa', '.aaab', 'bb.bb', 'aa.ab', 'aaaab', 'cc.bc', '.c.ab'];
const nine = toRatings(
  NINE.flatMap((row, task) =>
    [...row].flatMap((label, worker) => (label === '.' ? [] : [{ task: `${task}`, worker: `${worker}`, label }])),
  ),
);

/**
 * Output of crowd-kit 1.4.2, `MACE(n_restarts=1, n_iter=2000, method=...)` from its start of random_state 0. Workers
 * and labels are named so that sorting keeps their order of appearance: otherwise it gives workers each other's
 * strategies, as it mixes these two orders.
 */
const START = {
  spamming: [0.4679718277879519, 0.5116647847997495, 0.4537556794300147, 0.4147130937565532, 0.6082325585446893],
  strategy: [
    [0.3143402246604925, 0.35736735685427934, 0.32829241848522817],
    [0.3351978451067458, 0.3016577534801264, 0.3631444014131278],
    [0.2572205844206155, 0.36301684789834177, 0.37976256768104266],
    [0.2835018241757042, 0.39372772669633216, 0.32277044912796365],
    [0.3463739179005709, 0.44667811134135815, 0.20694797075807098],
  ],
};
const EXPECTED = {
  vb: [
    [0.999995589, 2.629e-6, 1.782e-6],
    [7.2997e-5, 0.999216866, 0.000710136],
    [0.999978686, 1.0657e-5, 1.0657e-5],
    [0.999953878, 2.7491e-5, 1.8631e-5],
    [9.489e-5, 0.99981022, 9.489e-5],
    [0.999628114, 0.000221663, 0.000150224],
    [0.999995589, 2.629e-6, 1.782e-6],
    [0.000538148, 0.003293292, 0.99616856],
    [0.050132935, 0.012704156, 0.937162909],
  ],
  em: [
    [1.0, 0.0, 0.0],
    [4.8e-8, 0.999999714, 2.39e-7],
    [1.0, 0.0, 0.0],
    [0.999999833, 9.7e-8, 6.9e-8],
    [4.1e-8, 0.999999918, 4.1e-8],
    [0.999999364, 3.71e-7, 2.65e-7],
    [1.0, 0.0, 0.0],
    [1.03e-7, 3.1e-7, 0.999999586],
    [0.000408905, 0.000342293, 0.999248802],
  ],
};

const startAt = (spamming: readonly (number | undefined)[], strategy: readonly (readonly number[])[]): MaceOptions => ({
  classPrior: 'uniform',
  start: { spamming: (w) => spamming[w] ?? Number.NaN, strategy: (w, label) => strategy[w]?.[label] ?? Number.NaN },
});

describe('mace', () => {
  it.each(['vb', 'em'] as const)('is crowd-kit 1.4.2 where that keeps its rows in order: %s', (estimate) => {
    const fit = mace(nine, { ...startAt(START.spamming, START.strategy), estimate, tolerance: 1e-15 });
    EXPECTED[estimate].flat().forEach((p, at) => {
      expect(Math.abs((fit.posteriors?.[at] ?? Number.NaN) - p)).toBeLessThan(1e-6);
    });
  });

  it('never lowers its objective', () => {
    fc.assert(
      fc.property(
        smallCrowds,
        fc.constantFrom('vb' as const, 'em' as const),
        fc.constantFrom('uniform' as const, 'estimated' as const),
        (answers, estimate, classPrior) => {
          const { history = [] } = mace(toRatings(answers), { estimate, classPrior });
          history.slice(1).forEach((value, at) => {
            expect(value - (history[at] ?? 0)).toBeGreaterThan(-1e-9);
          });
        },
      ),
    );
  });

  it('tells those who know from those who always say the same', () => {
    const habit = (_: number, label: number) => (label === 0 ? 1 : 0);
    const workers = [...[0.9, 0.85, 0.8, 0.8].map((skill) => coinWorker(skill, 3)), habit, habit, habit];
    const { ratings, truth } = madeUpCrowd(workers, { tasks: 300, perTask: 7, prior: [0.3, 0.4, 0.3], seed: 1 });
    const { labels, skills = new Float64Array() } = mace(ratings);
    expect(Math.min(...skills.slice(0, 4))).toBeGreaterThan(0.6);
    expect(Math.max(...skills.slice(4))).toBeLessThan(0.2);
    expect(accuracy(labels, truth)).toBeGreaterThan(accuracy(majority(ratings).labels, truth) + 0.05);
  });

  it('does not take a rare label for a habit', () => {
    const workers = new Array(20).fill(coinWorker(0.85, 2));
    const { ratings, truth } = madeUpCrowd(workers, { tasks: 1500, perTask: 3, prior: [0.9, 0.1], seed: 2 });
    const right = (options: MaceOptions) => accuracy(mace(ratings, options).labels, truth);
    expect(right({})).toBeGreaterThanOrEqual(accuracy(majority(ratings).labels, truth));
    expect(right({})).toBeGreaterThan(right({ classPrior: 'uniform' }));
  });

  it('keeps the best of its starts', () => {
    const objective = (restarts: number, seed: number) => mace(nine, { restarts, seed }).history?.at(-1) ?? Number.NaN;
    expect(objective(10, 1)).toBeGreaterThanOrEqual(objective(1, 1) - 1e-9);
  });
});

/** The log-likelihood of the answers by its definition. */
function likelihood(
  ratings: NamedRatings,
  knowing: (w: number) => number,
  habit: (w: number, label: number) => number,
): number {
  const K = ratings.valueCount;
  const joint = Array.from({ length: ratings.unitCount }, () => new Float64Array(K).fill(1 / K));
  ratings.unit.forEach((t, i) => {
    const [w, label] = [ratings.rater[i] ?? 0, ratings.value[i] ?? 0];
    joint[t]?.forEach((p, k, row) => {
      row[k] = p * (habit(w, label) + (k === label ? knowing(w) : 0));
    });
  });
  return joint.reduce((sum, row) => sum + Math.log(row.reduce((total, p) => total + p, 0)), 0);
}

describe.skipIf(referenceCrowds.length === 0)('mace against crowd-kit 1.4.2, which mixes up rows', () => {
  const from = ({ init }: MaceOutput) =>
    startAt(
      init.spamming.map(([spam]) => spam),
      init.thetas,
    );

  it('gives the same labels but for a few that are nearly tied', () => {
    const differing = referenceCrowds.flatMap(({ ratings, out }) => {
      const reference = out.MACE_vb_n_restarts1_iter50;
      return otherwise(ratings, mace(ratings, from(reference)), reference.probas);
    });
    // Of 771 tasks.
    expect(differing.length).toBeLessThanOrEqual(5);
    expect(Math.max(...differing)).toBeLessThan(0.1);
  });

  it.each(referenceCrowds)('case $seed: maximum likelihood is at least as likely', ({ ratings, out }) => {
    const reference = out.MACE_em_n_restarts1_iter50;
    const share = (w: number, at: 0 | 1) => reference.spamming_col0_spam_col1_know[w]?.[at] ?? Number.NaN;
    const theirs = likelihood(
      ratings,
      (w) => share(w, 1),
      (w, label) => share(w, 0) * (reference.thetas[w]?.[label] ?? Number.NaN),
    );
    const fit = mace(ratings, { ...from(reference), estimate: 'em' });
    // The objective is the log-likelihood with the log densities of the priors, which are below 0.
    expect(fit.history?.at(-1)).toBeGreaterThanOrEqual(theirs);
  });
});
