import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidates, SelectionRequest } from '../../../domain/learning/selection.ts';
import { selectBatch } from '../../../domain/learning/strategies.ts';
import { type StrategyName, strategyOf } from '../../../domain/learning/strategy-names.ts';
import type { UncertaintyMeasure } from '../../../domain/learning/uncertainty.ts';
import { seededRng } from '../../../domain/rng.ts';
import { STRATEGIES } from '../../../domain/settings.ts';

const candidates = (dense: number[][], probabilities?: number[][]): Candidates => ({
  count: dense.length,
  dims: dense[0]?.length ?? 2,
  dense: Float32Array.from(dense.flat()),
  probabilities: probabilities && Float64Array.from(probabilities.flat()),
});
const choose = (strategy: StrategyName, from: Candidates, n: number, more: Partial<SelectionRequest> = {}) =>
  selectBatch({ ...strategyOf(strategy), n, candidates: from, rng: seededRng(1), ...more });
const chosen = (...args: Parameters<typeof choose>) => [...choose(...args).chosen];

function randomPool(seed: number, count: number, dims = 4, classes = 3): Candidates {
  const rng = seededRng(seed);
  const probabilities = Array.from({ length: count }, () => {
    const shares = Array.from({ length: classes }, () => rng.next() + 0.01);
    const sum = shares.reduce((a, b) => a + b, 0);
    return shares.map((share) => share / sum);
  });
  const dense = Array.from({ length: count }, () => Array.from({ length: dims }, () => rng.normal()));
  return { ...candidates(dense, probabilities), dims };
}

describe('what each strategy prefers', () => {
  const line = [[0], [1], [2], [10], [11]];
  const unsure = [
    [0.9, 0.1],
    [0.5, 0.5],
    [0.45, 0.55],
    [1, 0],
    [0.8, 0.2],
  ];

  it('uncertainty: nearest to 50/50', () => {
    const { chosen: picks, scores } = choose('uncertainty', candidates(line, unsure), 3);
    expect([...picks]).toEqual([1, 2, 4]);
    expect(scores[0]).toEqual({ uncertainty: 1, distance: null, score: 1 });
  });

  it('uncertainty: by margin, entropy or least confidence', () => {
    const many = candidates(
      [[0], [1], [2]],
      [
        [0.5, 0.46, 0.04],
        [0.4, 0.3, 0.3],
        [0.45, 0.28, 0.27],
      ],
    );
    const first = (measure?: UncertaintyMeasure) => choose('uncertainty', many, 3, { measure });
    expect([...first().chosen]).toEqual([0, 1, 2]);
    expect([...first('entropy').chosen]).toEqual([1, 2, 0]);
    expect([...first('least_confidence').chosen]).toEqual([1, 2, 0]);
    expect(first('margin').scores[0]?.score).toBeCloseTo(0.96, 12);
    expect(first('least_confidence').scores[0]?.score).toBeCloseTo(0.6, 12);
    const entropy = -(0.4 * Math.log(0.4) + 0.6 * Math.log(0.3));
    expect(first('entropy').scores[0]?.score).toBeCloseTo(entropy, 12);
  });

  it('expected change: the gradient in closed form', () => {
    const { scores } = choose('expected_change', candidates(line, unsure), 5);
    // Two classes: sum of p_k |p - e_k| = 2 sqrt 2 p (1 - p).
    expect(scores.map(({ score }) => score)).toEqual(
      [0.25, 0.45 * 0.55, 0.16, 0.09, 0].map((x) => expect.closeTo(2 * Math.SQRT2 * x, 9)),
    );
    const norms = Float64Array.of(9, 1, 1, 1, 1);
    expect(chosen('expected_change', { ...candidates(line, unsure), norms }, 1)).toEqual([0]);
  });

  it('diversity: the farthest from what is labelled and chosen', () => {
    const labeled = { dense: Float32Array.of(0), count: 1 };
    const { chosen: picks, scores } = choose('diversity', candidates(line), 2, { labeled });
    expect([...picks]).toEqual([4, 2]);
    expect(scores).toEqual([11, 2].map((distance) => ({ uncertainty: null, distance, score: distance })));
  });

  it('diversity by k-means++: any item but the near ones hardly ever', () => {
    const labeled = { dense: Float32Array.of(0), count: 1 };
    const firsts = Array.from({ length: 200 }, (_, seed) => {
      const { chosen: picks } = choose('diversity', candidates(line), 1, {
        labeled,
        spread: 'kmeans++',
        rng: seededRng(seed),
      });
      return picks[0];
    });
    const share = (index: number) => firsts.filter((pick) => pick === index).length / 200;
    // Squared distances 0, 1, 4, 100 and 121.
    expect(share(0)).toBe(0);
    expect(share(1) + share(2)).toBeLessThan(0.08);
    expect(share(4)).toBeGreaterThan(share(3) - 0.1);
  });

  it('combined: in doubt, then unlike what is labelled, then typical', () => {
    // Three directions; the first is labelled often. Twenty items in the second, one in the third.
    const axis = (d: number) => [0, 1, 2].map((at) => (at === d ? 1 : 0));
    const jitter = seededRng(4);
    const near = (d: number) => axis(d).map((x) => x + 0.05 * jitter.normal());
    const items = [...Array.from({ length: 20 }, () => near(0)), ...Array.from({ length: 20 }, () => near(1)), near(2)];
    const labeled = {
      dense: Float32Array.from(Array.from({ length: 30 }, () => near(0)).flat()),
      count: 30,
    };
    const alike = items.map(() => [0.6, 0.4]);
    const { chosen: picks, scores } = choose('combined', candidates(items, alike), 2, { labeled });
    expect(picks[0]).toBeGreaterThanOrEqual(20);
    expect(picks[0]).toBeLessThan(40);
    expect(scores[0]?.novelty).toBeGreaterThan(scores[1]?.novelty ?? 9);
    expect(scores[0]?.uncertainty).toBeCloseTo(0.8, 12);
    const sureOfSecond = items.map((_, i) => (i >= 20 && i < 40 ? [1, 0] : [0.5, 0.5]));
    expect(chosen('combined', candidates(items, sureOfSecond), 1, { labeled })[0]).not.toBeOneOf(
      Array.from({ length: 20 }, (_, i) => 20 + i),
    );
  });

  it('badge: the longest gradient first, then others in doubt, away from it', () => {
    const pool = candidates(
      [
        [3, 0],
        [0, 1],
        [1, 0],
        [0, 1],
      ],
      [
        [0.5, 0.5],
        [0.55, 0.45],
        [0.5, 0.5],
        [1, 0],
      ],
    );
    for (let seed = 0; seed < 20; seed++) {
      const picks = chosen('badge', pool, 3, { rng: seededRng(seed) });
      expect(picks[0]).toBe(0);
      expect(picks.slice(1)).not.toContain(0);
    }
  });

  it('cold start: spread over the groups there are', () => {
    const groups = Array.from({ length: 90 }, (_, i) => [i < 80 ? 0 : i < 85 ? 50 : 100, (i % 7) * 0.01, i * 0.001]);
    for (const strategy of ['uncertainty', 'expected_change', 'diversity', 'combined', 'badge'] as const) {
      const picks = chosen(strategy, candidates(groups), 3).map((i) => groups[i]?.[0]);
      expect(new Set(picks)).toEqual(new Set([0, 50, 100]));
    }
  });
});

describe('a choice in which the strategy had no part says so', () => {
  const line = [[0], [1], [2], [10]];
  const sure = line.map((_, i) => [i % 2, (i + 1) % 2]);
  const needModel = ['uncertainty', 'expected_change', 'combined', 'badge'] as const;
  const instead = (...args: Parameters<typeof choose>) => choose(...args).instead;

  it.each(needModel)('%s: without a model, or with one that is sure of all', (strategy) => {
    expect(instead(strategy, candidates(line), 2)).toEqual({ by: 'diverse_start', because: 'no_model' });
    expect(instead(strategy, candidates(line, sure), 2)).toEqual({ by: 'diverse_start', because: 'sure_of_all' });
    expect(
      instead(
        strategy,
        candidates(
          line,
          line.map(() => [0.4, 0.6]),
        ),
        2,
      ),
    ).toBeUndefined();
  });

  it('of items that are all alike, or of which nothing is known, by chance', () => {
    const alike = candidates([[1], [1], [1]]);
    for (const strategy of [...needModel, 'diversity', 'kmeans++'] as const) {
      expect(instead(strategy, alike, 2)).toEqual({ by: 'chance', because: 'all_alike' });
    }
    const unknown = { ...alike, dense: undefined };
    expect(instead('uncertainty', unknown, 2)).toEqual({ by: 'chance', because: 'no_model' });
    expect(instead('diversity', candidates(line), 2)).toBeUndefined();
    expect(instead('random', alike, 2)).toBeUndefined();
  });

  it('in a first batch that meets every guess, too', () => {
    expect(instead('combined', candidates(line, sure), 2)).toBeDefined();
  });
});

describe('a first batch', () => {
  // Of forty items the guesses are one class, but for two.
  const guesses = Array.from({ length: 40 }, (_, i) =>
    i === 11 ? [0.3, 0.6, 0.1] : i === 29 ? [0.2, 0.1, 0.7] : [0.9 - i / 1000, 0.06, 0.04 + i / 1000],
  );
  const pool = candidates(
    Array.from({ length: 40 }, (_, i) => [i, 0]),
    guesses,
  );
  const informed = STRATEGIES.filter((name) => name !== 'random');

  it.each(informed)('%s: has an item of each class that is guessed of any', (strategy) => {
    for (let seed = 0; seed < 20; seed++) {
      const picks = chosen(strategy, pool, 4, { rng: seededRng(seed) });
      expect(new Set(picks).size).toBe(4);
      expect(picks).toEqual(expect.arrayContaining([11, 29]));
    }
    expect(chosen(strategy, pool, 1)).toHaveLength(1);
  });

  it('is not bent where something is labelled', () => {
    const labeled = { dense: Float32Array.of(0, 0), count: 1 };
    expect(chosen('diversity', pool, 2, { labeled })).not.toContain(11);
  });
});

describe('any strategy', () => {
  it.each(STRATEGIES)('%s chooses different items, as many as there are, the same by the same seed', (strategy) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 40 }), (seed, count, n) => {
        const pool = randomPool(seed, count);
        const labeled = { dense: Float32Array.from({ length: 8 }, (_, i) => i / 8), count: 2 };
        const pick = () => choose(strategy, pool, n, { labeled, rng: seededRng(seed) });
        const { chosen: picks, scores } = pick();
        expect(picks.length).toBe(Math.min(n, count));
        expect(scores.length).toBe(picks.length);
        expect(new Set(picks).size).toBe(picks.length);
        expect(pick()).toEqual({ chosen: picks, scores });
        expect(JSON.parse(JSON.stringify(scores))).toEqual(scores);
      }),
      { numRuns: 30, seed: 3 },
    );
  });

  it.each(['uncertainty', 'expected_change', 'diversity', 'combined'] as const)(
    '%s does not depend on the order of the pool',
    (strategy) => {
      const pool = randomPool(5, 40);
      const labeled = { dense: Float32Array.of(0, 0, 0, 0), count: 1 };
      const order = seededRng(9).shuffle(Array.from({ length: 40 }, (_, i) => i));
      const rows = <T extends Float32Array | Float64Array>(values: T, width: number) =>
        order.flatMap((i) => [...values.subarray(i * width, (i + 1) * width)]);
      const shuffled: Candidates = {
        count: 40,
        dims: 4,
        dense: Float32Array.from(rows(pool.dense ?? new Float32Array(0), 4)),
        probabilities: Float64Array.from(rows(pool.probabilities ?? new Float64Array(0), 3)),
      };
      const back = chosen(strategy, shuffled, 10, { labeled }).map((i) => order[i]);
      expect(back).toEqual(chosen(strategy, pool, 10, { labeled }));
    },
  );

  it.each(STRATEGIES)('%s copes with items that are all alike', (strategy) => {
    const alike = candidates(
      Array.from({ length: 6 }, () => [1, 2]),
      Array.from({ length: 6 }, () => [0.3, 0.7]),
    );
    const labeled = { dense: Float32Array.of(1, 2), count: 1 };
    for (const pool of [alike, { ...alike, probabilities: undefined }]) {
      for (const more of [{}, { labeled }]) expect(new Set(chosen(strategy, pool, 5, more)).size).toBe(5);
    }
    // Equals are drawn, not taken in the order of the file.
    const firsts = Array.from({ length: 40 }, (_, seed) => chosen(strategy, alike, 1, { rng: seededRng(seed) })[0]);
    expect(new Set(firsts).size).toBeGreaterThan(3);
  });

  it('starts diverse while the model has met one class only', () => {
    const sure = candidates(
      [[0], [0.1], [9]],
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
    );
    const labeled = { dense: Float32Array.of(0.05), count: 1 };
    for (const strategy of ['uncertainty', 'expected_change', 'combined'] as const) {
      const picks = choose(strategy, sure, 3, { labeled });
      expect(picks.scores.every(({ uncertainty }) => uncertainty === null)).toBe(true);
      expect(new Set(picks.chosen).size).toBe(3);
    }
    expect(chosen('uncertainty', { ...sure, classes: 1, probabilities: Float64Array.of(1, 1, 1) }, 3)).toHaveLength(3);
  });

  it('needs no vectors where they play no part', () => {
    const pool: Candidates = { count: 3, dims: 0, probabilities: Float64Array.of(1, 0, 0.5, 0.5, 0, 1) };
    expect(chosen('uncertainty', pool, 1)).toEqual([1]);
    expect(chosen('random', pool, 2)).toHaveLength(2);
    expect(chosen('uncertainty', { count: 3, dims: 0 }, 2)).toHaveLength(2);
  });
});

describe('exact copies', () => {
  it.each(['diversity', 'combined'] as const)('%s takes them only when nothing else is left', (strategy) => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), fc.boolean(), (seed, groups, model) => {
        const rng = seededRng(seed);
        const vectors = Array.from({ length: groups }, () => [rng.normal(), rng.normal(), rng.normal()]);
        const group = Array.from({ length: groups * 4 }, (_, i) => i % groups);
        // The copies of the first group are by far the most uncertain.
        const shares = group.map((g) => (g === 0 ? [0.5, 0.5] : [0.99, 0.01]));
        const pool = candidates(
          group.map((g) => vectors[g] ?? []),
          model ? shares : undefined,
        );
        const labeled = { dense: Float32Array.from(vectors[groups - 1] ?? []), count: 1 };
        const first = chosen(strategy, pool, groups, { rng }).map((i) => group[i]);
        expect(new Set(first).size).toBe(groups);
        const beside = chosen(strategy, pool, groups - 1, { labeled, rng }).map((i) => group[i]);
        expect(beside).not.toContain(groups - 1);
        expect(new Set(beside).size).toBe(groups - 1);
        expect(chosen(strategy, pool, groups + 1, { rng })).toHaveLength(groups + 1);
      }),
      { numRuns: 40, seed: 11 },
    );
  });
});

describe('a request that does not fit', () => {
  const pool = candidates(
    [
      [0, 1],
      [1, 0],
    ],
    [
      [0.5, 0.5],
      [1, 0],
    ],
  );
  const wrong: [string, Partial<SelectionRequest>][] = [
    ['The number to choose is -1', { n: -1 }],
    ['The number to choose is 1.5', { n: 1.5 }],
    ['vectors of the candidates hold 4 numbers; 2 rows of 3 are 6', { candidates: { ...pool, dims: 3 } }],
    [
      'Row 1 of the vectors of the candidates holds NaN',
      { candidates: { ...pool, dense: Float32Array.of(0, 1, 1, Number.NaN) } },
    ],
    [
      'Row 0 of the vectors of the labelled items holds Infinity',
      { labeled: { dense: Float32Array.of(Number.POSITIVE_INFINITY, 0), count: 1 } },
    ],
    [
      'vectors of the labelled items hold 3 numbers; 1 rows of 2 are 2',
      { labeled: { dense: new Float32Array(3), count: 1 } },
    ],
    [
      'There are 3 probabilities for 2 candidates',
      { candidates: { ...pool, probabilities: Float64Array.of(1, 0, 0) } },
    ],
    ['2 rows of 3 are 6', { candidates: { ...pool, classes: 3 } }],
    [
      'Row 1 of the probabilities of the candidates holds NaN',
      { candidates: { ...pool, probabilities: Float64Array.of(1, 0, 0, Number.NaN) } },
    ],
    [
      'Row 0 of the probabilities of the candidates sums to 1.5',
      { candidates: { ...pool, probabilities: Float64Array.of(1, 0.5, 0, 1) } },
    ],
    ['needs a vector for every candidate', { candidates: { ...pool, dense: undefined } }],
    ['lengths of the feature rows hold 1 numbers', { candidates: { ...pool, norms: Float64Array.of(1) } }],
    [
      'probabilities of the labelled items hold 3 numbers; 1 rows of 2 are 2',
      { labeled: { dense: new Float32Array(2), count: 1, probabilities: new Float64Array(3) } },
    ],
  ];
  it.each(wrong)('%s', (message, change) => {
    expect(() => choose('combined', pool, 1, change)).toThrow(message);
  });
});

it('chooses 100 of 10,000 in well under a second', () => {
  const pool = randomPool(2, 10_000, 64, 6);
  const start = performance.now();
  expect(chosen('combined', pool, 100)).toHaveLength(100);
  // Takes about 0.1 s; the rest is for a busy machine.
  expect(performance.now() - start).toBeLessThan(2000);
});
