import { describe, expect, it } from 'vitest';
import { crowdMethod } from '../../../../domain/aggregation/crowd/methods.ts';
import { recordedCrowd } from './crowds.ts';

/** What crowd-kit 1.4.2 reaches on the same answers. */
const CROWD_KIT = {
  bluebird: { 'one-coin': 0.5833, 'dawid-skene': 0.8889, glad: 0.7222, mace: 0.7222 },
  snow_rte: { 'one-coin': 0.925, 'dawid-skene': 0.9275, glad: 0.925, mace: 0.915 },
  face: { 'one-coin': 0.6113, 'dawid-skene': 0.6404, glad: 0.6301, mace: 0.6336 },
  weather_cf: { 'one-coin': 0.8867, 'dawid-skene': 0.83, glad: 0.88, mace: 0.8867 },
  music_genre: { 'one-coin': 0.7929, 'dawid-skene': 0.7686, glad: 0.7886, mace: 0.8 },
} as const;

describe.each(Object.entries(CROWD_KIT))('on the recorded crowd %s', (set, figures) => {
  const crowd = recordedCrowd(set);

  it.skipIf(!crowd).each(Object.entries(figures))('%s is right as often as crowd-kit: %d', async (name, figure) => {
    if (!crowd) throw new Error('Skipped where there is no crowd.');
    const { labels } = (await crowdMethod(name as keyof typeof figures))(crowd.ratings);
    const right = [...crowd.gold].filter(([task, label]) => labels[task] === label).length;
    // The figures have four digits.
    expect(right / crowd.gold.size).toBeGreaterThan(figure - 5e-5);
  });
});
