import { expect, test } from 'vitest';
import {
  classProbabilities,
  fitCampaignModel,
  isRight,
  modelAnswers,
} from '../../../domain/learning/campaign-model.ts';
import { applyIdf, fitIdf, hashFeatures } from '../../../domain/learning/features.ts';
import { differences } from '../../../domain/learning/sparse.ts';
import { softLabel } from '../../../domain/learning/targets.ts';

const rows = (texts: string[]) => {
  const counts = hashFeatures(texts);
  return applyIdf(counts, fitIdf(counts));
};
const good = ['clear correct answer', 'correct and kind answer', 'clear kind words', 'correct clear kind'];
const bad = ['rude wrong reply', 'wrong rude text', 'rude reply', 'wrong reply text'];

test('classes: the model learns from soft labels and answers in class names', () => {
  const target = { kind: 'classes', classes: ['good', 'bad'] } as const;
  const matrix = rows([...good, ...bad]);
  const labels = [...good.map(() => [0.9, 0.1]), ...bad.map(() => [0.2, 0.8])].map((shares) => ({ shares, weight: 1 }));
  const model = fitCampaignModel({ ...target, classes: [...target.classes] }, { matrix }, labels);
  if (!model) throw new Error('no model');
  expect(modelAnswers({ ...target, classes: [...target.classes] }, { matrix }, model)).toEqual([
    ...good.map(() => 'good'),
    ...bad.map(() => 'bad'),
  ]);
});

test('pairs: the side with the better text wins, whichever side it is on', () => {
  const target = { kind: 'pair' } as const;
  const a = rows([...good, ...bad]);
  const b = rows([...bad, ...good]);
  const matrix = differences(a, b);
  const labels = [...good.map(() => 1), ...bad.map(() => 0)].map((p) => ({ shares: [1 - p, p], weight: 1 }));
  const model = fitCampaignModel(target, { matrix }, labels);
  if (!model) throw new Error('no model');
  expect(modelAnswers(target, { matrix }, model)).toEqual([1, 1, 1, 1, 0, 0, 0, 0]);
  const probabilities = classProbabilities(target, { matrix }, model);
  expect(probabilities).toHaveLength(16);
  expect((probabilities?.[0] ?? 0) + (probabilities?.[1] ?? 0)).toBeCloseTo(1, 9);
});

test('scales: the model answers numbers within the scale, right when they round to the true step', () => {
  const target = { kind: 'scalar', min: 1, max: 5 } as const;
  const matrix = rows([...good, ...bad]);
  const labels = [...good.map(() => 5), ...bad.map(() => 1)].map((value) => ({ shares: [value], weight: 1 }));
  const model = fitCampaignModel(target, { matrix }, labels);
  if (!model) throw new Error('no model');
  const answers = modelAnswers(target, { matrix }, model).map(Number);
  expect(Math.min(...answers.slice(0, 4))).toBeGreaterThan(Math.max(...answers.slice(4)));
  // What strategies choose by: the chance of each step.
  expect(classProbabilities(target, { matrix }, model)).toHaveLength(8 * 5);
  const fine = { ...target, max: 100 };
  const regression = fitCampaignModel(fine, { matrix }, labels);
  expect(regression && classProbabilities(fine, { matrix }, regression)).toBeUndefined();
  expect(isRight(target, 3.4, 3)).toBe(true);
  expect(isRight(target, 3.6, 3)).toBe(false);
  // A tenth of a fine scale, as gold has it.
  expect(isRight(fine, 60.5, 51)).toBe(true);
  expect(isRight(fine, 61.5, 51)).toBe(false);
});

test('one class only so far: there is nothing to tell apart, and no model', () => {
  const labels = good.map(() => ({ shares: [1, 0], weight: 1 }));
  expect(fitCampaignModel({ kind: 'classes', classes: ['good', 'bad'] }, { matrix: rows(good) }, labels)).toBeNull();
});

test('soft labels: shares of weight, ties as half, nothing from "both bad"', () => {
  const classes = { kind: 'classes', classes: ['x', 'y'] } as const;
  const decided = { distribution: { x: 0.75, y: 0.25 }, value: 'x', confidence: 0.75 };
  expect(softLabel({ ...classes, classes: [...classes.classes] }, decided)).toEqual({
    shares: [0.75, 0.25],
    weight: 0.75,
  });
  const tie = softLabel({ kind: 'pair' }, { distribution: { tie: 1 }, value: 0.5, confidence: 1 });
  expect(tie?.shares).toEqual([0.5, 0.5]);
  const ruled = softLabel({ kind: 'pair' }, { distribution: {}, value: 1, confidence: 1 });
  expect(ruled).toEqual({ shares: [0, 1], weight: 1 });
  expect(softLabel({ kind: 'pair' }, { distribution: { both_bad: 1 }, value: null, confidence: 1 })).toBeUndefined();
});

test('a tree of classes: what lies below the true class is right, what lies above or beside it is not', () => {
  const tree = {
    kind: 'classes' as const,
    classes: ['animal', 'animal/dog', 'animal/dog/poodle', 'animal/cat'],
    separator: '/',
  };
  expect(isRight(tree, 'animal/dog/poodle', 'animal/dog')).toBe(true);
  expect(isRight(tree, 'animal/dog', 'animal/dog')).toBe(true);
  expect(isRight(tree, 'animal', 'animal/dog')).toBe(false);
  expect(isRight(tree, 'animal/cat', 'animal/dog')).toBe(false);
  expect(isRight({ kind: 'classes', classes: ['a', 'a/b'] }, 'a/b', 'a')).toBe(false);
});
