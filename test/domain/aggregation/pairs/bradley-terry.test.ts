import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bradleyTerry } from '../../../../domain/aggregation/pairs/bradley-terry.ts';
import { winProbability } from '../../../../domain/aggregation/pairs/pair-fit.ts';
import { type PairRow, toPairVotes } from '../../../../domain/aggregation/pairs/pair-votes.ts';
import { reference } from '../../agreement/reference.ts';
import { recorded } from '../recorded.ts';
import { madeUpVotes, rowOf, votesOf } from './made-up.ts';

interface Case {
  readonly rows: readonly (readonly [string, string, string, string])[];
  readonly bradley_terry_mle: Readonly<Record<string, number>>;
}

const published = reference<{ cases: readonly Case[] }>('pairs.json');

const row = fc.record({
  left: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  right: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  won: fc.constantFrom('left', 'right', 'tie'),
  worker: fc.constantFrom('x', 'y'),
});
const rows = fc
  .array(row, { minLength: 1, maxLength: 30 })
  .map((list) =>
    list
      .filter(({ left, right }) => left !== right)
      .map(({ left, right, won, worker }): PairRow => {
        return { left, right, worker, winner: won === 'left' ? left : won === 'right' ? right : 'tie' };
      }),
  )
  .filter((list) => list.length > 0);

describe('bradleyTerry', () => {
  it.skipIf(published === undefined)('agrees with the maximum likelihood computed elsewhere', () => {
    for (const { rows: given, bradley_terry_mle: expected } of published?.cases ?? []) {
      const votes = toPairVotes(given.map(([worker, left, right, winner]) => ({ worker, left, right, winner })));
      const { scores, converged } = bradleyTerry(votes);
      expect(converged).toBe(true);
      for (const [id, name] of votes.items.entries()) {
        expect(Math.abs((scores[id] ?? 0) - (expected[name] ?? 0))).toBeLessThan(1e-8);
      }
    }
  });

  it('gives two items the log-odds of their wins, a tie being half a win', () => {
    const { strengths, scores, logLikelihood } = bradleyTerry(votesOf('a>b', 'a>b', 'a=b', 'b>a'));
    const share = 2.5 / 4;
    expect((strengths[0] ?? 0) - (strengths[1] ?? 0)).toBeCloseTo(Math.log(share / (1 - share)), 10);
    expect(scores[0]).toBeCloseTo(share, 10);
    expect(logLikelihood).toBeCloseTo(2.5 * Math.log(share) + 1.5 * Math.log(1 - share), 10);
  });

  it('expects of every item as many wins as it had', () => {
    const votes = madeUpVotes([2, 1, 0.5, 0, -1, -2], [{ skill: 1, bias: 0.5 }], 400, 1);
    const fit = bradleyTerry(votes);
    const surplus = new Float64Array(6);
    for (let i = 0; i < votes.winner.length; i++) {
      const [a, b] = [votes.left[i] ?? 0, votes.right[i] ?? 0];
      const more = (votes.winner[i] ?? 0) - winProbability(fit, a, b);
      surplus[a] = (surplus[a] ?? 0) + more;
      surplus[b] = (surplus[b] ?? 0) - more;
    }
    for (const each of surplus) expect(each).toBeCloseTo(0, 9);
  });

  it('keeps an item that never lost finite and first, and leaves bounded parts alone', () => {
    const part = ['a>b', 'b>a', 'b>c', 'c>a'];
    const unbounded = ['x>y', 'y>z', 'z>y', 'x>z'];
    const votes = votesOf(...part, ...unbounded);
    const { strengths, part: parts, partCount, converged } = bradleyTerry(votes);
    expect(converged).toBe(true);
    expect(partCount).toBe(2);
    expect([...parts]).toEqual([0, 0, 0, 1, 1, 1]);
    const [, , , x = 0, y = 0, z = 0] = strengths;
    expect(x).toBeGreaterThan(2);
    expect(x).toBeLessThan(20);
    expect(y).toBeCloseTo(z, 9);
    const alone = bradleyTerry(votesOf(...part)).strengths;
    for (const [item, strength] of alone.entries()) expect(strengths[item]).toBeCloseTo(strength, 9);
  });

  it('says nothing about items that no comparison connects', () => {
    const fit = bradleyTerry(votesOf('a>b', 'a>b', 'b>a', 'x>y', 'y>x'));
    expect(winProbability(fit, 0, 3)).toBe(0.5);
    expect(winProbability(fit, 0, 1)).toBeCloseTo(2 / 3, 9);
  });

  it('counts each judgment of a worker who judges a pair again', () => {
    const { scores } = bradleyTerry(votesOf('a>b', 'a>b', 'a>b', 'a<b'));
    expect(scores[0]).toBeCloseTo(0.75, 10);
  });

  it('fits a chain of 2,000 items', () => {
    const said = Array.from({ length: 1999 }, (_, n) => [`i${n}>i${n + 1}`, `i${n}>i${n + 1}`, `i${n + 1}>i${n}`]);
    const { strengths, converged } = bradleyTerry(votesOf(...said.flat()));
    expect(converged).toBe(true);
    for (const n of [0, 500, 1500]) {
      expect((strengths[n] ?? 0) - (strengths[n + 1] ?? 0)).toBeCloseTo(Math.LN2, 6);
    }
  });

  it('is finite, and the same whatever the order of rows, the sides and the names', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (list, seed) => {
        const fit = bradleyTerry(toPairVotes(list));
        expect(fit.converged).toBe(true);
        expect(fit.scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9);
        const turned = list.map(({ left, right, ...rest }, at) =>
          (at + seed) % 3 === 0 ? { left: right, right: left, ...rest } : { left, right, ...rest },
        );
        const split = seed % list.length;
        const votes = toPairVotes([...turned.slice(split), ...turned.slice(0, split)]);
        const again = bradleyTerry(votes);
        const names = toPairVotes(list).items;
        for (const [id, name] of names.entries()) {
          expect(Number.isFinite(fit.strengths[id])).toBe(true);
          expect(again.strengths[votes.items.indexOf(name)]).toBeCloseTo(fit.strengths[id] ?? 0, 7);
        }
      }),
    );
  });

  it('refuses a prior that is none', () => {
    const votes = votesOf('a>b');
    expect(() => bradleyTerry(votes, { prior: -1 })).toThrow(/The prior is -1/);
    expect(() => bradleyTerry(votes, { prior: Number.NaN })).toThrow(expect.objectContaining({ field: 'prior' }));
    // Without one, what is unbounded stays so, and says so.
    expect(bradleyTerry(votes, { prior: 0, maxIterations: 20 }).converged).toBe(false);
  });

  it('refuses an item beside itself', () => {
    const votes = { ...toPairVotes([rowOf('a>b')]), right: Int32Array.of(0) };
    expect(() => bradleyTerry(votes)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

const answers = recorded('ukp_convarg/answers.csv');
it.skipIf(answers === undefined)('orders recorded arguments as those who were asked with care do', () => {
  const votes = toPairVotes(
    (answers ?? []).map(({ item_a = '', item_b = '', winner = '', worker = '' }) => {
      return { left: item_a, right: item_b, winner, worker };
    }),
  );
  const { strengths, partCount } = bradleyTerry(votes);
  expect(partCount).toBe(16);
  const id = new Map(votes.items.map((name, at) => [name, at]));
  const of = (name = '') => strengths[id.get(name) ?? -1] ?? Number.NaN;
  const gold = (recorded('ukp_convarg/gold.csv') ?? []).filter(({ winner_strict }) => winner_strict !== '');
  const right = gold.filter(({ item_a, item_b, winner_strict }) => {
    return (of(item_a) > of(item_b) ? item_a : item_b) === winner_strict;
  });
  expect(right.length / gold.length).toBeGreaterThan(0.936);
});
