import { expect, test } from 'vitest';
import { judgeCard } from '../../../domain/quality/judge-card.ts';

const fair = {
  judge: 'judge:m:v1',
  answers: 100,
  costMicros: 1000n,
  compared: 300,
  same: 240,
  peopleCompared: 300,
  peopleSame: 240,
  pairs: 100,
  ordersDisagree: 10,
};

test('a judge like people has no findings, and shares with the intervals of Wilson', () => {
  const card = judgeCard(fair, []);
  expect(card.findings).toEqual([]);
  // Wilson's interval of 10 in 100 is 0.0552 to 0.1744.
  expect(card.ordersDisagree?.low).toBeCloseTo(0.0552, 3);
  expect(card.ordersDisagree?.high).toBeCloseTo(0.1744, 3);
});

test('what the intervals show is said, and nothing else', () => {
  const said = (change: Partial<typeof fair>) => judgeCard({ ...fair, ...change }, []).findings.length;
  expect(said({ same: 150 })).toBe(1);
  expect(said({ same: 225 })).toBe(0);
  expect(said({ ordersDisagree: 40 })).toBe(1);
  expect(said({ ordersDisagree: 30 })).toBe(0);
});

test('nothing counted is nothing known', () => {
  const card = judgeCard({ ...fair, compared: 0, same: 0, pairs: 0, ordersDisagree: 0 }, []);
  expect([card.agreesWithPeople, card.ordersDisagree]).toEqual([null, null]);
  expect(card.biases).toEqual({
    length: null,
    ownStyle: null,
    ownWording: null,
    markdown: null,
    hedging: null,
    ties: null,
  });
  expect(card.findings).toEqual([]);
});
