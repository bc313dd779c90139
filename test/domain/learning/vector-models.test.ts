import { expect, it } from 'vitest';
import { fitCampaignModel, modelAnswers } from '../../../domain/learning/campaign-model.ts';
import { runCurve } from '../../../domain/learning/curve.ts';
import { fitItems, judgeItems } from '../../../domain/learning/item-classifier.ts';
import { sparseOf } from '../../../domain/learning/item-features.ts';
import { vectorRows } from '../../../domain/learning/item-rows.ts';
import { mostProbable } from '../../../domain/learning/logistic.ts';
import { fitVectorSpace, fitVectors, vectorFeatures } from '../../../domain/learning/vector-space.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';

type Made = { readonly label: number; readonly vector: readonly number[] };

/** A pool of 1,000 and 500 test items. */
function split(make: (rng: Rng, at: number) => Made, seed: string) {
  const rng = seededRng(seed);
  const made = Array.from({ length: 1500 }, (_, at) => make(rng, at));
  const dims = made[0]?.vector.length ?? 0;
  const part = (from: number, to: number) => {
    const some = made.slice(from, to);
    return { labels: some.map(({ label }) => label), vectors: Float32Array.from(some.flatMap(({ vector }) => vector)) };
  };
  return {
    dims,
    pool: part(0, 1000),
    test: part(1000, 1500),
    classes: Math.max(...made.map(({ label }) => label)) + 1,
  };
}

/** Mean accuracy of a model of so many random labels. */
function accuracy({ dims, pool, test, classes }: ReturnType<typeof split>, budget: number): number {
  const fitted = fitVectors(pool.vectors, dims);
  const data = {
    ...{ pool: fitted.pool, labels: pool.labels, classes },
    ...{ test: vectorFeatures(test.vectors, fitted.space), truth: test.labels },
  };
  const seeds = [1, 2, 3, 4];
  const runs = seeds.map(
    (seed) => runCurve(data, { strategy: 'random', budgets: [budget], batch: budget, seed })[0] ?? 0,
  );
  return runs.reduce((sum, each) => sum + each, 0) / runs.length;
}

const normals = (rng: Rng, dims: number, sd: (d: number) => number) =>
  Array.from({ length: dims }, (_, d) => sd(d) * rng.normal());

/** As in vectors of leading directions: the first three, which vary most, tell three classes apart. */
const leading = split((rng, at) => {
  const noise = normals(rng, 120, (d) => 0.95 ** d);
  return { label: at % 3, vector: noise.map((x, d) => x + (d === at % 3 ? 1.8 : 0)) };
}, 'leading');

it('vectors of leading directions are learnt by those that vary most', () => {
  expect(accuracy(leading, 50)).toBeGreaterThan(0.7);
});

it('quantities of different units all count, whichever numbers are larger', () => {
  const units = split((rng) => {
    const [age = 0, income = 0, ...rest] = normals(rng, 12, () => 1);
    return { label: age + income > 0 ? 1 : 0, vector: [45 + 15 * age, 40_000 + 30_000 * income, ...rest] };
  }, 'units');
  const useless = split((rng) => {
    const [x = 0, far = 0, ...rest] = normals(rng, 12, () => 1);
    return { label: x > 0 ? 1 : 0, vector: [x, 10_000 * far, ...rest] };
  }, 'useless');
  expect(accuracy(units, 100)).toBeGreaterThan(0.9);
  expect(accuracy(useless, 100)).toBeGreaterThan(0.87);
});

it('of a few columns that tell much weights may be large: a class between two others is learnt by 25 labels', () => {
  const between = split((rng, at) => {
    const [x = 0, ...rest] = normals(rng, 4, () => 0.15);
    return { label: at % 3, vector: [x + (at % 3), ...rest] };
  }, 'between');
  expect(accuracy(between, 25)).toBeGreaterThan(0.95);
});

it('a rare class costs a model of few vectors no more than never to name it would', () => {
  const rare = split((rng) => {
    const label = rng.next() < 0.08 ? 1 : 0;
    return { label, vector: normals(rng, 50, () => 1).map((x, d) => x + (d < 3 ? 0.4 * label : 0)) };
  }, 'rare');
  expect(accuracy(rare, 50)).toBeGreaterThan(0.87);
});

it('of many classes and columns, whose slopes are small from the start, a model is fitted to its end, too', () => {
  const classes = 40;
  const labels = Array.from({ length: 2 * classes }, (_, at) => at % classes);
  const dense = Float32Array.from(labels.flatMap((k) => labels.slice(0, classes).map((d) => (d === k ? 0.03 : 0))));
  const matrix = sparseOf(dense, labels.length, classes);
  const items = { count: labels.length, dims: classes, dense, rows: () => matrix };
  const places = [...labels.keys()];
  const model = fitItems(items, places, labels, classes);
  if (!model) throw new Error('no model');
  expect([...mostProbable(judgeItems(items, places, model, classes), classes)]).toEqual(labels);
});

it('a campaign learns from vectors as a curve does', () => {
  const { dims, pool, test, classes } = leading;
  const space = fitVectorSpace(pool.vectors, dims);
  const target = { kind: 'classes', classes: Array.from({ length: classes }, (_, k) => `${k}`) } as const;
  const taught = vectorRows(pool.vectors.subarray(0, 60 * dims), space);
  const labels = pool.labels
    .slice(0, 60)
    .map((label) => ({ shares: target.classes.map((_, k) => (k === label ? 1 : 0)), weight: 1 }));
  const model = fitCampaignModel(target, taught, labels);
  if (!model) throw new Error('no model');
  const answers = modelAnswers(target, vectorRows(test.vectors, space), model);
  const right = answers.filter((answer, at) => answer === `${test.labels[at]}`);
  expect(right.length / test.labels.length).toBeGreaterThan(0.7);
});
