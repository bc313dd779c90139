import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bradleyTerry } from '../../../../domain/aggregation/pairs/bradley-terry.ts';
import {
  noisyBradleyTerry,
  noisyLogLikelihood,
  noisyObjective,
} from '../../../../domain/aggregation/pairs/noisy-bradley-terry.ts';
import { type PairVotes, toPairVotes } from '../../../../domain/aggregation/pairs/pair-votes.ts';
import { seededRng } from '../../../../domain/rng.ts';
import { reference } from '../../agreement/reference.ts';
import { pearson } from '../recorded.ts';
import { madeUpVotes, votesOf } from './made-up.ts';

interface Case {
  readonly rows: readonly (readonly [string, string, string, string])[];
  readonly crowdkit_NoisyBradleyTerry: {
    /** 1 / (1 + e^-strength). */
    readonly scores: Readonly<Record<string, number>>;
    readonly skills: Readonly<Record<string, number>>;
    readonly biases: Readonly<Record<string, number>>;
  };
}

const published = reference<{ cases: readonly Case[] }>('pairs.json');

/** Twelve items of known strengths; workers who look, one who never does, one who always picks the left. */
const TRUTH = Array.from({ length: 12 }, (_, n) => (n - 5.5) / 2);
const looking = Array.from({ length: 6 }, () => ({ skill: 0.95, bias: 0.5 }));
const mixed = [...looking, { skill: 0, bias: 0.5 }, { skill: 0, bias: 0.5 }, { skill: 0.1, bias: 1 }];

describe('noisyBradleyTerry', () => {
  it('has the gradient of its objective', () => {
    const votes = { ...madeUpVotes(TRUTH, mixed, 200, 2) };
    votes.winner.set([0.5, 0.5, 0.5], 10);
    const objective = noisyObjective(votes);
    const rng = seededRng(3);
    const size = votes.itemCount + 2 * votes.raterCount;
    const x = Float64Array.from({ length: size }, () => rng.normal());
    const [gradient, unused] = [new Float64Array(size), new Float64Array(size)];
    objective(x, gradient);
    for (let at = 0; at < size; at++) {
      const moved = (by: number) =>
        objective(
          x.map((value, n) => (n === at ? value + by : value)),
          unused,
        );
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      expect(gradient[at]).toBeCloseTo(slope, 5);
    }
  });

  it('finds out who looks, and who picks by the side', () => {
    const votes = madeUpVotes(TRUTH, mixed, 3000, 4);
    const fit = noisyBradleyTerry(votes);
    const [skills = [], biases = []] = [fit.skills, fit.biases].map((values) => {
      return mixed.map((_, w) => values?.[votes.raters.indexOf(`w${w}`)] ?? Number.NaN);
    });
    for (const skill of skills.slice(0, 6)) expect(skill).toBeGreaterThan(0.8);
    for (const skill of skills.slice(6)) expect(skill).toBeLessThan(0.4);
    expect(biases[8]).toBeGreaterThan(0.8);
    for (const bias of biases.slice(6, 8)) expect(Math.abs(bias - 0.5)).toBeLessThan(0.15);
  });

  it('is nearer to the truth than a model to which all annotators are alike', () => {
    const votes = madeUpVotes(TRUTH, mixed, 1500, 5);
    const truth = votes.items.map((name) => TRUTH[Number(name.slice(1))] ?? 0);
    const [noisy, plain] = [noisyBradleyTerry(votes), bradleyTerry(votes)].map(({ strengths }) => {
      const error = strengths.map((strength, at) => (strength - (truth[at] ?? 0)) ** 2);
      return { error: error.reduce((sum, each) => sum + each, 0), r: pearson(strengths, truth) };
    });
    expect(noisy?.error).toBeLessThan((plain?.error ?? 0) / 2);
    expect(noisy?.r).toBeGreaterThan(0.98);
  });

  it.skipIf(published === undefined)('reaches a likelihood that the reference does not', () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    for (const { rows, crowdkit_NoisyBradleyTerry: theirs } of published?.cases ?? []) {
      const votes = toPairVotes(rows.map(([worker, left, right, winner]) => ({ worker, left, right, winner })));
      const fit = noisyBradleyTerry(votes);
      expect(fit.converged).toBe(true);
      const of = (names: readonly string[], values: Readonly<Record<string, number>>) =>
        Float64Array.from(names, (name) => values[name] ?? Number.NaN);
      const likelihood = noisyLogLikelihood(
        votes,
        of(votes.items, theirs.scores).map(logit),
        of(votes.raters, theirs.skills),
        of(votes.raters, theirs.biases),
      );
      expect(fit.logLikelihood).toBeGreaterThan(likelihood);
    }
  });

  it('ends at a peak: no small change of any parameter is better', () => {
    const votes = madeUpVotes(TRUTH, mixed, 500, 6);
    const fit = noisyBradleyTerry(votes);
    const logit = (p: number) => Math.log(p / (1 - p));
    const x = Float64Array.from([
      ...fit.strengths,
      ...Array.from(fit.skills ?? [], logit),
      ...Array.from(fit.biases ?? [], logit),
    ]);
    const objective = noisyObjective(votes);
    const unused = new Float64Array(x.length);
    const peak = objective(x, unused);
    for (let at = 0; at < x.length; at++) {
      for (const by of [-0.01, 0.01]) {
        const beside = x.map((value, n) => (n === at ? value + by : value));
        expect(objective(beside, unused)).toBeGreaterThan(peak);
      }
    }
  });

  it('is defined for a single comparison, ties alone, and items that no comparison connects', () => {
    for (const votes of [votesOf('a>b'), votesOf('a=b', 'b=a'), votesOf('a>b', 'x>y:v')]) {
      const fit = noisyBradleyTerry(votes);
      expect(fit.converged).toBe(true);
      const all = [...fit.strengths, ...fit.scores, ...(fit.skills ?? []), ...(fit.biases ?? []), fit.logLikelihood];
      expect(all.every(Number.isFinite)).toBe(true);
    }
    expect(noisyBradleyTerry(votesOf('a=b')).strengths[0]).toBeCloseTo(0, 6);
  });

  it('turns sides into biases: shown the other way round, the strengths and skills are the same', () => {
    const side = fc.array(fc.constantFrom('a>b:x', 'b>c:x', 'c=a:y', 'a<b:y', 'c>b:z', 'a>c:z', 'd<a:x'), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(side, (said) => {
        const votes = votesOf(...said);
        const turned: PairVotes = {
          ...votes,
          left: votes.right,
          right: votes.left,
          winner: votes.winner.map((share) => 1 - share),
        };
        const [one, other] = [noisyBradleyTerry(votes), noisyBradleyTerry(turned)];
        one.strengths.forEach((strength, at) => {
          expect(other.strengths[at]).toBeCloseTo(strength, 4);
        });
        one.skills?.forEach((skill, at) => {
          expect(other.skills?.[at]).toBeCloseTo(skill, 4);
        });
        one.biases?.forEach((bias, at) => {
          expect(other.biases?.[at]).toBeCloseTo(1 - bias, 4);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what is no comparison', () => {
    const votes = { ...votesOf('a>b'), winner: Float64Array.of(Number.NaN) };
    expect(() => noisyBradleyTerry(votes)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});
