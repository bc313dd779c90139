import { describe, expect, it } from 'vitest';
import { groupAnswers } from '../../../../domain/aggregation/crowd/answers.ts';
import { glad } from '../../../../domain/aggregation/crowd/glad.ts';
import { gladModel } from '../../../../domain/aggregation/crowd/glad-model.ts';
import { majority } from '../../../../domain/aggregation/crowd/majority.ts';
import type { NamedRatings } from '../../../../domain/agreement/ratings.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { accuracy, coinWorker, madeUpCrowd } from './crowds.ts';
import { type GladOutput, otherwise, referenceCrowds } from './reference-crowds.ts';

const crowd = (seed: number, labels = 3) =>
  madeUpCrowd(
    [0.95, 0.9, 0.8, 0.5, 0.4, 1 / labels].map((skill) => coinWorker(skill, labels)),
    {
      tasks: 150,
      perTask: 5,
      prior: new Array(labels).fill(1 / labels),
      seed,
    },
  );

/** The objective by its definition: log of prior times likelihood, abilities and log easiness normal about 1. */
function objective(ratings: NamedRatings, ability: (w: number) => number, easiness: (t: number) => number): number {
  const K = ratings.valueCount;
  const joint = Array.from({ length: ratings.unitCount }, () => new Float64Array(K).fill(Math.log(1 / K)));
  ratings.unit.forEach((t, i) => {
    const right = 1 / (1 + Math.exp(-ability(ratings.rater[i] ?? 0) * Math.exp(easiness(t))));
    joint[t]?.forEach((_, k, row) => {
      row[k] = (row[k] ?? 0) + Math.log(ratings.value[i] === k ? right : (1 - right) / (K - 1));
    });
  });
  let sum = joint.reduce((total, row) => total + Math.log(row.reduce((p, log) => p + Math.exp(log), 0)), 0);
  for (let w = 0; w < ratings.raterCount; w++) sum -= (ability(w) - 1) ** 2 / 2;
  for (let t = 0; t < ratings.unitCount; t++) sum -= (easiness(t) - 1) ** 2 / 2;
  return sum;
}

describe('gladModel', () => {
  it('has the slopes of its values', () => {
    const { ratings } = crowd(1);
    const model = gladModel(groupAnswers(ratings));
    const rng = seededRng(2);
    const x = Float64Array.from({ length: model.size }, () => 1 + rng.normal());
    const gradient = new Float64Array(model.size);
    const slope = new Float64Array(model.size);
    model.negative(x, gradient);
    const posterior = model.cell.slice();
    for (const f of [model.negative, model.negativeExpected(posterior)]) {
      f(x, gradient);
      for (const at of [0, 1, 5, 6, 7, 80, model.size - 1]) {
        const h = 1e-5;
        const around = [h, -h].map((by) => f(x.with(at, (x[at] ?? 0) + by), slope));
        expect(gradient[at]).toBeCloseTo(((around[0] ?? 0) - (around[1] ?? 0)) / (2 * h), 4);
      }
    }
  });
});

describe('glad', () => {
  it('beats the majority where some are better than others', () => {
    for (const seed of [1, 2, 3]) {
      const { ratings, truth } = crowd(seed, 2);
      for (const stop of ['bound', 'likelihood'] as const) {
        const fit = glad(ratings, { stop });
        expect(fit.converged).toBe(true);
        expect(accuracy(fit.labels, truth)).toBeGreaterThan(accuracy(majority(ratings).labels, truth));
        const skills = fit.skills ?? new Float64Array();
        expect(skills[0]).toBeGreaterThan(skills[3] ?? 1);
        expect(skills[1]).toBeGreaterThan(skills[4] ?? 1);
      }
    }
  });

  it('goes higher by its objective than EM that stops early', () => {
    const { ratings } = crowd(4);
    const [early, end] = [glad(ratings), glad(ratings, { stop: 'likelihood' })];
    expect(end.history?.at(-1)).toBeGreaterThanOrEqual(early.history?.at(-1) ?? 0);
  });
});

describe.skipIf(referenceCrowds.length === 0)('glad against crowd-kit 1.4.2', () => {
  it.each(referenceCrowds)('case $seed: the same labels', ({ ratings, out }) => {
    expect(otherwise(ratings, glad(ratings), out.GLAD_default.probas)).toEqual([]);
    if (out.GLAD_converged) expect(otherwise(ratings, glad(ratings), out.GLAD_converged.probas)).toEqual([]);
  });

  it.each(referenceCrowds)('case $seed: the maximum is at least as likely', ({ ratings, out }) => {
    const theirs = ({ alphas, betas }: GladOutput) =>
      objective(
        ratings,
        (w) => alphas[ratings.raters[w] ?? ''] ?? Number.NaN,
        (t) => betas[ratings.units[t] ?? ''] ?? Number.NaN,
      );
    const ours = glad(ratings, { stop: 'likelihood', tolerance: 1e-6 }).history?.at(-1);
    expect(ours).toBeGreaterThanOrEqual(theirs(out.GLAD_default) - 1e-9);
    if (out.GLAD_converged) expect(ours).toBeGreaterThanOrEqual(theirs(out.GLAD_converged) - 1e-9);
  });
});
