import { describe, expect, it } from 'vitest';
import {
  forecastGain,
  forecastText,
  type MeasuredPoint,
  measuredPoints,
  mostGainOf,
  pointsPerUsd,
} from '../../../domain/learning/forecast.ts';
import { seededRng } from '../../../domain/rng.ts';

const errorAt = (labels: number) => 0.9 * labels ** -0.3;
const SIZES = [100, 150, 225, 340, 500];

/** Accuracies as measured on `count` items, by chance. */
function measured(count: number, seed: number): MeasuredPoint[] {
  const rng = seededRng(seed);
  return SIZES.map((labels) => {
    let wrong = 0;
    for (let i = 0; i < count; i++) if (rng.next() < errorAt(labels)) wrong++;
    return { labels, accuracy: 1 - wrong / count, count };
  });
}

/**
 * Fits as a campaign makes them: after batches of 25 to 100, each measured on all of a slice that grows, a tenth of what is
 * labelled. Of so many items it stays what becomes of them, of so many it changes slowly, of the others each time.
 */
function campaignRhythm(share: { stays: number; drifts: number }, most: number, seed: number): MeasuredPoint[] {
  const rng = seededRng(seed);
  const items: { readonly kind: number; luck: number }[] = [];
  const points: MeasuredPoint[] = [];
  let tasks = 0;
  for (let labels = 0; labels < most; ) {
    const batch = Math.min(100, Math.max(25, Math.floor(tasks / 4)));
    tasks += batch;
    const before = labels;
    labels += Math.round(0.9 * batch);
    for (const item of items) {
      const isNew = item.kind > share.stays && (item.kind > share.stays + share.drifts || rng.next() > before / labels);
      if (isNew) item.luck = rng.next();
    }
    while (items.length < Math.floor(tasks / 10)) items.push({ kind: rng.next(), luck: rng.next() });
    const wrong = items.filter(({ luck }) => luck < errorAt(labels)).length;
    points.push({ labels, accuracy: 1 - wrong / items.length, count: items.length });
  }
  return points;
}

describe('the forecast of a learning curve', () => {
  const truth = errorAt(500) - errorAt(1000);

  it('finds the gain of a curve that is known exactly', () => {
    const points = SIZES.map((labels) => ({ labels, accuracy: 1 - errorAt(labels), count: 1e6 }));
    const forecast = forecastGain(points, 500);
    expect(forecast?.gain).toBeCloseTo(truth, 3);
    expect(forecast?.margin).toBeLessThan(0.003);
  });

  it('holds the truth within its interval about as often as it says', () => {
    const runs = Array.from({ length: 400 }, (_, seed) => forecastGain(measured(400, seed), 500));
    const held = runs.filter((run) => run !== undefined && Math.abs(run.gain - truth) <= run.margin).length;
    expect(held / 400).toBeGreaterThan(0.92);
  });

  it.each([
    ['all new each time', { stays: 0, drifts: 0 }],
    ['that stay', { stays: 0.9, drifts: 0 }],
    ['that stay for a while', { stays: 0.5, drifts: 0.45 }],
  ])(
    'holds it as often in the rhythm of a campaign, which measures one slice many times, by mistakes %s',
    (_, kept) => {
      const RUNS = 100;
      for (const most of [300, 1000, 3000]) {
        const runs = Array.from({ length: RUNS }, (_run, seed) => {
          const points = campaignRhythm(kept, most, seed);
          const labels = points.at(-1)?.labels ?? 0;
          const forecast = forecastGain(points, 500);
          return forecast && { ...forecast, off: forecast.gain - errorAt(labels) + errorAt(labels + 500) };
        });
        const held = runs.filter((run) => run && Math.abs(run.off) <= run.margin).length;
        expect(held / RUNS, `${most} labels`).toBeGreaterThan(0.88);
      }
    },
  );

  it('says nothing from too few points, or of one size', () => {
    expect(forecastGain(measured(400, 1).slice(0, 3), 500)).toBeUndefined();
    const alike = Array.from({ length: 9 }, () => ({ labels: 100, accuracy: 0.8, count: 50 }));
    expect(forecastGain(alike, 500)).toBeUndefined();
    expect(forecastGain([], 500)).toBeUndefined();
  });

  it('stays finite where nothing or everything is right, and tells a loss from a gain', () => {
    for (const accuracy of [0, 1]) {
      const points = SIZES.map((labels) => ({ labels, accuracy, count: 20 }));
      expect(forecastGain(points, 500)?.gain).toBeCloseTo(0, 9);
    }
    const falling = SIZES.map((labels, at) => ({ labels, accuracy: 0.9 - 0.05 * at, count: 500 }));
    expect(forecastGain(falling, 500)?.gain).toBeLessThan(0);
    expect(forecastText({ labels: 500, gain: 0.008, margin: 0.004 })).toBe('500 more labels: +0.8 ± 0.4 points');
    expect(forecastText({ labels: 500, gain: -0.008, margin: 0.004 })).toBe('500 more labels: −0.8 ± 0.4 points');
    expect(forecastText({ labels: 500, gain: -1.09, margin: 7.3 })).toBe(
      'What 500 more labels would gain cannot be told yet.',
    );
  });
});

describe('the most that as many fits more gain', () => {
  it('is what a plateau goes by: seldom too little to go on for, while there is as much to be had', () => {
    const [rounds, minGain] = [3, 0.005];
    const stopped = Array.from({ length: 20 }, (_, seed) => {
      const points = campaignRhythm({ stays: 0.6, drifts: 0 }, 5000, seed);
      const at = points.findIndex(({ count }, place) => {
        const most = count < 50 ? null : mostGainOf(points.slice(0, place + 1), rounds);
        return most !== null && most <= minGain;
      });
      return points[at]?.labels ?? Number.POSITIVE_INFINITY;
    });
    const left = stopped.map((labels) => errorAt(labels) - errorAt(labels + 270));
    expect(left.filter((gain) => gain > minGain).length).toBeLessThanOrEqual(1);
    expect(Math.max(...stopped)).toBeLessThan(5000);
  });

  it('is not told before there is a forecast of so many, nor where no labels came in as many fits', () => {
    const points = measured(400, 1);
    const last = points.at(-1);
    expect(last && mostGainOf([...points, last, last], 2)).toBeNull();
    expect(mostGainOf(points.slice(0, 3), 2)).toBeNull();
    expect(mostGainOf(points, 5)).toBeNull();
    const forecast = forecastGain(points, 500 - 225);
    expect(mostGainOf(points, 2)).toBeCloseTo((forecast?.gain ?? 0) + (forecast?.margin ?? 0), 12);
  });
});

describe('what labels are worth', () => {
  const rounds = (on: 'slice' | 'gold') =>
    SIZES.map((labels) => ({
      trainedOn: labels,
      heldOutOn: on,
      heldOutAccuracy: 1 - errorAt(labels),
      heldOutCount: 400,
    }));

  it('goes by the rounds that were measured as the last one was', () => {
    const later = { trainedOn: 600, heldOutOn: 'slice' as const, heldOutAccuracy: 0.8, heldOutCount: 30 };
    const points = measuredPoints([...rounds('gold'), later]);
    expect(points.map(({ labels }) => labels)).toEqual([600]);
  });

  it('goes by all labels, of which a model may have seen a sample', () => {
    const seen = { trainedOn: 20_000, heldOutOn: 'slice' as const, heldOutAccuracy: 0.9, heldOutCount: 400 };
    const points = measuredPoints([seen, { ...seen, labels: 25_000 }, { ...seen, labels: 30_000 }]);
    expect(points.map(({ labels }) => labels)).toEqual([20_000, 25_000, 30_000]);
  });

  it('is the upper end of the forecast for each dollar that the labels cost', () => {
    const points = measuredPoints(rounds('slice'));
    const forecast = forecastGain(points, 500);
    // 500 labels cost $50 so far, so the next 500 cost as much.
    const expected = (100 * ((forecast?.gain ?? 0) + (forecast?.margin ?? 0))) / 50;
    expect(pointsPerUsd(points, 50_000_000n)).toBeCloseTo(expected, 9);
    expect(pointsPerUsd(points, 0n)).toBeUndefined();
    expect(pointsPerUsd(points.slice(0, 2), 50_000_000n)).toBeUndefined();
  });
});
