import { describe, expect, it } from 'vitest';
import { fitPreferences, predictPreferences } from '../../../domain/learning/bradley-terry-features.ts';
import {
  classProbabilities,
  fitCampaignModel,
  isRight,
  modelAnswers,
} from '../../../domain/learning/campaign-model.ts';
import { itemRows, vectorRows } from '../../../domain/learning/item-rows.ts';
import { softLabel } from '../../../domain/learning/targets.ts';
import { learnTextSpace, textRows } from '../../../domain/learning/text-space.ts';
import { fitVectorSpace } from '../../../domain/learning/vector-space.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';

const target = { kind: 'ranking', tolerance: 0.2 } as const;
const WORDS = ['terrible', 'poor', 'fine', 'good', 'splendid'];

/** Answers of which the word says how good they are, and their ranks. */
function made(rng: Rng, count: number) {
  const grades = rng.shuffle([...WORDS.keys()]).slice(0, count);
  const texts = grades.map((grade) => `an answer of ${rng.int(50)} words about ${rng.int(9)}, ${WORDS[grade]}`);
  const ranks = grades.map((grade) => 1 + grades.filter((other) => other > grade).length);
  return { texts, ranks };
}
const rng = seededRng('rankings');
const items = Array.from({ length: 90 }, (_, at) => made(rng, 2 + (at % 4)));
const space = learnTextSpace(
  items.flatMap(({ texts }) => texts),
  { seed: 1, limits: {} },
);
const rowsOf = (some: readonly { texts: readonly string[] }[]) =>
  itemRows(
    textRows(
      some.flatMap(({ texts }) => texts),
      space,
    ),
    'answers',
    some.map(({ texts }) => texts.length),
  );
const told = (ranks: readonly (number | null)[], confidence = 1) => {
  const label = softLabel(target, { distribution: {}, value: JSON.stringify(ranks), confidence });
  if (!label) throw new Error('nothing taught');
  return label;
};
const learnt = (some: readonly { texts: readonly string[]; ranks: readonly (number | null)[] }[]) =>
  fitCampaignModel(
    target,
    rowsOf(some),
    some.map(({ ranks }) => told(ranks)),
  );

describe('a model of rankings', () => {
  const model = learnt(items.slice(0, 60));
  if (!model) throw new Error('no model');

  it('puts answers that it has never seen in the order of people', () => {
    const unseen = items.slice(60);
    const answers = modelAnswers(target, rowsOf(unseen), model);
    expect(unseen.filter(({ ranks }, at) => isRight(target, answers[at] ?? '', JSON.stringify(ranks)))).toHaveLength(
      30,
    );
  });

  it('is the surer the more of the order is decided', () => {
    const alike = { texts: ['a good answer', 'a good answer', 'a good answer'] };
    const near = { texts: ['a good answer', 'a fine answer', 'a good answer'] };
    const apart = { texts: ['a splendid answer', 'a fine answer', 'a terrible answer'] };
    const probabilities = classProbabilities(target, rowsOf([alike, near, apart]), model) ?? [];
    const doubts = [0, 1, 2].map(
      (item) => 1 - Math.max(probabilities[2 * item] ?? 0, probabilities[2 * item + 1] ?? 0),
    );
    expect(doubts[0]).toBe(0.5);
    expect(doubts[1]).toBeLessThan(0.5);
    expect(doubts[2]).toBeLessThan(doubts[1] ?? 0);
  });

  it('of two answers is that of pairs, and sees their items as pairs', () => {
    const pairs = items.filter(({ texts }) => texts.length === 2);
    const ranked = rowsOf(pairs);
    const texts = textRows(
      pairs.flatMap((each) => each.texts),
      space,
    );
    const { answers: _, ...rows } = ranked;
    expect(rows).toEqual(itemRows(texts, 'two answers'));
    const preferences = pairs.map(({ ranks }) => (ranks[0] === 1 ? 1 : 0));
    const sampleWeights = pairs.map(() => 1);
    const ofPairs = fitPreferences(ranked.matrix, preferences, { sampleWeights }).model;
    const ofRankings = learnt(pairs);
    expect(ofRankings).toEqual(ofPairs);
    const probabilities = ofRankings && classProbabilities(target, ranked, ofRankings);
    const known = predictPreferences(ranked.matrix, ofPairs);
    expect(probabilities).toHaveLength(known.length);
    probabilities?.forEach((each, at) => {
      expect(each).toBeCloseTo(known[at] ?? Number.NaN, 6);
    });
  });

  it('learns nothing of answers left out, and nothing at all where all are tied', () => {
    const [one, other] = ['a splendid answer', 'a terrible answer'];
    expect(learnt([{ texts: [one, other], ranks: [1, 1] }])).toBeNull();
    expect(learnt([{ texts: [one, other], ranks: [1, null] }])).toBeNull();
    const left = learnt([{ texts: [one, 'a strange answer', other], ranks: [1, null, 2] }]);
    expect(left).toEqual(learnt([{ texts: [one, other], ranks: [1, 2] }]));
  });

  it('goes by what is more certain', () => {
    const rows = rowsOf([{ texts: ['good', 'poor'] }, { texts: ['good', 'poor'] }]);
    const both = (first: number, second: number) => {
      const fitted = fitCampaignModel(target, rows, [told([1, 2], first), told([2, 1], second)]);
      return fitted && modelAnswers(target, rows, fitted)[0];
    };
    expect(both(0.9, 0.4)).toBe('[1,2]');
    expect(both(0.4, 0.9)).toBe('[2,1]');
  });
});

it('embeddings of answers teach as texts do; one vector of an item teaches nothing', () => {
  const rand = seededRng('vectors');
  const counts = Array.from({ length: 60 }, (_, at) => 2 + (at % 3));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const vectors = Float32Array.from({ length: 3 * total }, () => rand.normal());
  const vectorSpace = fitVectorSpace(vectors, 3);
  const rows = vectorRows(vectors, vectorSpace, { shows: 'answers', counts });
  expect([rows.matrix.rows, rows.answers?.matrix.rows]).toEqual([60, total]);
  let from = 0;
  const labels = counts.map((count) => {
    const own = Array.from({ length: count }, (_, at) => vectors[3 * (from + at)] ?? 0);
    from += count;
    return told(own.map((value) => 1 + own.filter((other) => other > value).length));
  });
  const model = fitCampaignModel(target, rows, labels);
  if (!model) throw new Error('no model');
  const right = modelAnswers(target, rows, model).filter((answer, at) =>
    isRight(target, answer, JSON.stringify(labels[at]?.shares)),
  );
  expect(right.length).toBeGreaterThan(50);
  const whole = vectorRows(vectors.slice(0, 180), vectorSpace);
  expect(fitCampaignModel(target, whole, labels)).toBeNull();
  expect(classProbabilities(target, whole, model)).toBeUndefined();
  expect(modelAnswers(target, whole, model)).toEqual([]);
});
