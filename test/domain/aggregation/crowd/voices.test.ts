import { describe, expect, test } from 'vitest';
import { groupAnswers } from '../../../../domain/aggregation/crowd/answers.ts';
import { defaultMethod } from '../../../../domain/aggregation/crowd/default.ts';
import { majority } from '../../../../domain/aggregation/crowd/majority.ts';
import { voicesOf } from '../../../../domain/aggregation/crowd/voices.ts';
import { accuracy, type Crowd, coinWorker, madeUpCrowd, recordedCrowd } from './crowds.ts';

const SHAPE = { tasks: 600, perTask: 5, prior: [1 / 3, 1 / 3, 1 / 3] };
const MIXED = Array.from({ length: 30 }, (_, w) => coinWorker(0.6 + (0.3 * ((w * 7) % 30)) / 30, 3));

/** The first annotators say what the first of them who has the task says. */
function withRing({ ratings, truth }: Crowd, ring: number): Crowd {
  const said = new Map<number, number>();
  const value = ratings.value.map((label, i) => {
    const unit = ratings.unit[i] as number;
    if ((ratings.rater[i] as number) >= ring) return label;
    if (!said.has(unit)) said.set(unit, label);
    return said.get(unit) ?? label;
  });
  return { ratings: { ...ratings, value }, truth };
}

const found = ({ ratings }: Pick<Crowd, 'ratings'>) => voicesOf(groupAnswers(ratings)).correlated;

describe('a ring of copiers', () => {
  test.each([1, 2, 3])('is found by what all others say of its members, and is no majority (%s)', (seed) => {
    const crowd = withRing(madeUpCrowd(MIXED, { ...SHAPE, seed }), 8);
    const pairs = found(crowd);
    expect(pairs.length).toBeGreaterThanOrEqual(24);
    expect(pairs.filter(({ a, b }) => a >= 8 || b >= 8)).toEqual([]);
    const { labels, method } = defaultMethod(crowd.ratings);
    expect(method).toContain('8 workers who answer as if they copied from each other');
    const votes = majority(crowd.ratings);
    expect(accuracy(labels, crowd.truth)).toBeGreaterThan(accuracy(votes.labels, crowd.truth));
  });
});

describe('no copiers are', () => {
  const crowds: [string, Parameters<typeof madeUpCrowd>][] = [
    ['people of all skills', [MIXED, { ...SHAPE, seed: 0 }]],
    [
      'good people who hardly err',
      [Array.from({ length: 20 }, () => coinWorker(0.97, 2)), { ...SHAPE, prior: [0.5, 0.5], seed: 1 }],
    ],
    [
      'a few who know among many who guess',
      [
        Array.from({ length: 30 }, (_, w) => coinWorker(w < 5 ? 0.97 : 0.55, 2)),
        { tasks: 800, perTask: 6, prior: [0.5, 0.5], seed: 2 },
      ],
    ],
    [
      'half who know among half who are middling',
      [
        Array.from({ length: 30 }, (_, w) => coinWorker(w < 15 ? 0.99 : 0.65, 3)),
        { ...SHAPE, tasks: 800, perTask: 6, seed: 3 },
      ],
    ],
    [
      'those who always say the same',
      [
        Array.from({ length: 30 }, (_, w) =>
          w < 9 ? (_: number, label: number) => (label === 0 ? 1 : 0) : coinWorker(0.8, 3),
        ),
        { ...SHAPE, seed: 4 },
      ],
    ],
  ];
  test.each(crowds)('%s', (_, given) => {
    expect(found(madeUpCrowd(...given))).toEqual([]);
  });

  test.each(['bluebird', 'snow_rte', 'face', 'weather_cf', 'music_genre', 'zencrowd_us', 'd_product', 's_adult'])(
    'those of %s',
    (name) => {
      const crowd = recordedCrowd(name);
      if (crowd) expect(found(crowd)).toEqual([]);
    },
  );
});
