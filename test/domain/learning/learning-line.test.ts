import { describe, expect, it } from 'vitest';
import { fitCampaignLine, fitCampaignModel, modelAnswers } from '../../../domain/learning/campaign-model.ts';
import { forecastGain } from '../../../domain/learning/forecast.ts';
import { vectorRows } from '../../../domain/learning/item-rows.ts';
import { fitLearningLine, gainByLine, type MeasuredPart, partSizes } from '../../../domain/learning/learning-line.ts';
import { fitVectorSpace } from '../../../domain/learning/vector-space.ts';
import { type Rng, seededRng } from '../../../domain/rng.ts';
import { blobs } from './blobs.ts';

const errorAt = (labels: number) => 0.9 * labels ** -0.3;

/** By how much the labels that come first happen to teach less than usual ones: the mean of what each brings. */
function luckOf(rng: Rng, most: number): (labels: number) => number {
  const sums = [0];
  for (let at = 0; at < most; at++) sums.push((sums[at] ?? 0) + 1.2 * rng.normal());
  return (labels) => Math.exp((sums[labels] ?? 0) / labels);
}

/** A campaign's models, by the items of its slice: some stay as hard as they are, some are another matter in each model. */
function campaign(labels: number, items: number, seed: number) {
  const rng = seededRng(seed);
  const luck = luckOf(rng, labels + 500);
  const error = (count: number) => Math.min(0.95, errorAt(count) * luck(count));
  const hard = Array.from({ length: items }, () => ({ stays: rng.next() < 0.8, at: rng.next() }));
  const parts = partSizes(labels).map((size): MeasuredPart => {
    const right = Uint8Array.from(hard, ({ stays, at }) => +((stays ? at : rng.next()) >= error(size)));
    return { labels: size, right };
  });
  return { parts, gain: error(labels) - error(labels + 500) };
}

describe('the line of a learning curve', () => {
  it('is fitted to models of ever more labels, where there are enough', () => {
    expect(partSizes(100)).toEqual([20, 30, 45, 67, 100]);
    expect(partSizes(1000)).toHaveLength(8);
    expect(partSizes(60)).toEqual([]);
    expect(partSizes(10_001)).toEqual([]);
    const { parts } = campaign(300, 19, 1);
    expect(fitLearningLine(parts)).toBeNull();
    expect(fitLearningLine(campaign(300, 40, 1).parts.slice(-3))).toBeNull();
  });

  it.each([
    [250, 28],
    [1000, 110],
  ])('holds what 500 labels more gain about as often as it says, after %d', (labels, items) => {
    const runs = Array.from({ length: 200 }, (_, seed) => {
      const { parts, gain } = campaign(labels, items, seed);
      const line = fitLearningLine(parts);
      if (!line) throw new Error('no line');
      const forecast = gainByLine(line, 500);
      return { margin: forecast.margin, held: Math.abs(forecast.gain - gain) <= forecast.margin };
    });
    const held = runs.filter((run) => run.held).length / runs.length;
    expect(held).toBeGreaterThan(0.9);
  });

  it('finds the gain of a curve that is known exactly, but for the luck of its labels', () => {
    const rng = seededRng(3);
    const at = Array.from({ length: 20_000 }, () => rng.next());
    const parts = partSizes(1000).map((labels) => {
      return { labels, right: Uint8Array.from(at, (luck) => +(luck >= errorAt(labels))) };
    });
    const line = fitLearningLine(parts);
    if (!line) throw new Error('no line');
    expect(gainByLine(line, 500).gain).toBeCloseTo(errorAt(1000) - errorAt(1500), 2);
  });

  it('stays finite where nothing or everything is right, and is what a forecast goes by', () => {
    for (const each of [0, 1]) {
      const parts = partSizes(200).map((labels) => ({ labels, right: new Uint8Array(30).fill(each) }));
      const line = fitLearningLine(parts);
      expect(line && Number.isFinite(gainByLine(line, 500).margin)).toBe(true);
      expect(line && gainByLine(line, 500).gain).toBeCloseTo(0, 1);
    }
    const line = fitLearningLine(campaign(300, 40, 5).parts);
    const point = { labels: 300, accuracy: 0.8, count: 40, line };
    expect(line && forecastGain([point], 500)).toEqual(line && gainByLine(line, 500));
  });

  it('comes of models of the first labels, each in the order given', () => {
    const target = { kind: 'classes', classes: ['a', 'b'] } as const;
    const [pool, test] = [blobs(120, 1), blobs(400, 2)];
    const space = fitVectorSpace(pool.vectors, 4);
    const labels = pool.labels.map((k) => ({ shares: [1 - k, k], weight: 1 }));
    const measured = {
      rows: vectorRows(test.vectors, space),
      truths: test.labels.map((k) => target.classes[k] ?? ''),
    };
    const named = { ...target, classes: [...target.classes] };
    const rows = vectorRows(pool.vectors, space);
    const line = fitCampaignLine(named, rows, labels, measured);
    const model = fitCampaignModel(named, rows, labels);
    const answers = model ? modelAnswers(named, measured.rows, model) : [];
    const error = answers.filter((answer, at) => answer !== measured.truths[at]).length / 400;
    expect(line).toMatchObject({ labels: 120 });
    expect(Math.exp(line?.level ?? 0)).toBeCloseTo(error, 1);
    // Labels that are wrong at first and right from then on: the error falls steeply.
    const late = labels.map((label, at) => (at < 40 ? { ...label, shares: [...label.shares].reverse() } : label));
    const steep = fitCampaignLine(named, rows, late, measured);
    expect(steep?.slope).toBeLessThan((line?.slope ?? 0) - 0.2);
    expect(fitCampaignLine(named, rows, labels.slice(0, 50), measured)).toBeNull();
  });
});
