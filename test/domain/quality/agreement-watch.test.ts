import { describe, expect, test } from 'vitest';
import { agreementInterval } from '../../../domain/agreement/agreement-interval.ts';
import { taskAgreement } from '../../../domain/agreement/task-agreement.ts';
import { DEFAULT_AGREEMENT_WATCH, isBroken } from '../../../domain/quality/agreement-watch.ts';
import { qualityReport } from '../../../domain/quality/report.ts';
import { seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';

/** Two annotators who choose the same item of six, or of the same spans, so often. */
function answersOf(seed: string, tasks: number, alike: number, labelOf: (at: number) => unknown = (at) => `${at}`) {
  const rng = seededRng(seed);
  return Array.from({ length: tasks }, (_, t) => {
    const right = rng.int(6);
    return ['a', 'b'].map((annotatorId) => {
      return { taskId: `t${t}`, annotatorId, label: labelOf(rng.next() < alike ? right : rng.int(6)) };
    });
  }).flat();
}

describe('the watch on agreement', () => {
  const type = getTaskType('classification');
  const config = { labels: ['0', '1', '2', '3', '4', '5'], multiple: false };
  // As a campaign is looked at: again and again while its answers come in.
  const paused = (alike: number) =>
    Array.from({ length: 40 }, (_, campaign) => {
      const answers = answersOf(`${campaign}`, 250, alike);
      return [50, 100, 150, 200, 250].some((tasks) => {
        const given = answers.slice(0, 2 * tasks);
        const report = { ...qualityReport(type, config, given, { effort: 1e6 }), tasks };
        const interval = () => agreementInterval(type, config, given, { resamples: 100, seed: 'watch' });
        return isBroken(report, DEFAULT_AGREEMENT_WATCH, interval);
      });
    }).filter(Boolean).length;

  test('lets a campaign go on whose agreement only happened to be low, and stops one that is at fault', () => {
    // Alpha is the square of the share: 0.65 and 0.4.
    expect(paused(Math.sqrt(0.65))).toBeLessThanOrEqual(3);
    expect(paused(Math.sqrt(0.4))).toBeGreaterThanOrEqual(36);
  });
});

test('of texts, which differ where all are good, it finds no fault with the task', () => {
  const type = getTaskType('free_text');
  const said = (at: number) => `${'abcdef'[at]} `.repeat(20);
  const report = qualityReport(type, type.configSchema.parse({}), answersOf('texts', 60, 0.2, said), { effort: 1e6 });
  expect(report.alpha).toBeLessThan(0.3);
  expect(report).toMatchObject({ verdict: 'unknown', advice: [expect.stringContaining('Good texts differ')] });
});

describe('the interval of agreement by a distance', () => {
  const type = getTaskType('span');
  const config = { labels: ['X'], allowOverlap: true, maxSpans: 10 };
  const spans = (at: number) => [{ start: 10 * at, end: 10 * at + 8, label: 'X' }];

  test('holds the agreement that there is in about 95%', () => {
    let held = 0;
    for (let draw = 0; draw < 200; draw++) {
      const answers = answersOf(`spans ${draw}`, 80, Math.sqrt(0.6), spans);
      const interval = agreementInterval(type, config, answers, { resamples: 0, seed: '' });
      if (interval && interval.low <= 0.6 && interval.high >= 0.6) held += 1;
    }
    expect(held / 200).toBeGreaterThan(0.9);
    expect(held / 200).toBeLessThan(0.995);
  });

  test('is narrow where all agree, and not there for few tasks', () => {
    const sure = answersOf('sure', 60, 1, spans);
    expect(agreementInterval(type, config, sure, { resamples: 0, seed: '' })).toEqual({ low: 1, high: 1 });
    expect(agreementInterval(type, config, sure.slice(0, 10), { resamples: 0, seed: '' })).toBeUndefined();
    expect(taskAgreement(type, config, sure.slice(0, 2)).standardError).toBeUndefined();
  });
});
