import { describe, expect, test } from 'vitest';
import { templateOf } from '../../domain/campaign-template.ts';
import { createCampaignSchema, resolveSettings } from '../../domain/settings.ts';

const spam = { type: 'classification', config: { labels: ['spam', 'ham'] }, budgetUsd: '100' };
const resolved = (body: object) => resolveSettings(createCampaignSchema.parse({ ...spam, ...body }));

describe('the template of a campaign', () => {
  test.each([
    ['with nothing but defaults', {}],
    ['adaptive', { redundancyPolicy: 'adaptive', whenContested: 'adjudicate', minConfidence: 0.9 }],
    ['with prices to the micro-dollar', { priceUsd: '0.012345', budgetUsd: '99.999999' }],
    [
      'that buys of vendors',
      { workforces: ['internal', 'http_vendor'], vendors: { http_vendor: { priceUsd: '0.25', waitMs: 5000 } } },
    ],
    ['paid by the hour', { hourlyUsd: '18.5' }],
    ['with judges first', { workforces: ['llm', 'internal'], judge: { target: 0.9 }, redundancy: 3 }],
    ['that asks again', { relabel: { maxAnswers: 5 } }],
    ['with a slice of its own budget', { evaluation: { share: 0.2, budgetUsd: '7.5' } }],
    ['without a slice, a watch or sessions', { evaluation: null, agreementWatch: null, calibration: null }],
    [
      'with all that the pages have no field for',
      {
        consistency: { share: 0.1, afterDays: 3 },
        language: 'pt-BR',
        dailyLimit: 40,
        escalation: [{ step: 'raise_pay', by: 0.5 }, { step: 'give_up' }],
        stop: { maxTasks: 10, targetAccuracy: 0.9 },
        goldFloor: 3,
        refitEvery: 7,
        firstBatch: 9,
        simulated: true,
        seed: 'other',
      },
    ],
  ])('makes the same rules again: %s', (_, body) => {
    const { settings, capMicros } = resolved({ name: 'Mails', ...body });
    const again = resolveSettings(createCampaignSchema.parse(templateOf(settings, capMicros)));
    expect(again).toEqual({ settings: { ...settings, name: 'Mails (copy)' }, capMicros });
  });

  test('of before ladders had to ask all workforces is one that is taken', () => {
    const { settings, capMicros } = resolved({ workforces: ['internal', 'surge_ai'] });
    const older = { ...settings, escalation: [{ step: 'raise_pay', by: 0.5 }, { step: 'give_up' }] as const };
    const template = createCampaignSchema.parse(templateOf({ ...older, escalation: [...older.escalation] }, capMicros));
    expect(resolveSettings(template).settings.escalation).toEqual([{ step: 'next_workforce' }, ...older.escalation]);
  });

  test('leaves out the deadline, keeps the name within its length, and what no schema knows', () => {
    const stop = { deadline: '2026-01-01T00:00:00Z', maxTasks: 5 };
    const { settings, capMicros } = resolved({ name: 'n'.repeat(200), stop });
    const template = templateOf({ ...settings, forgotten: 1 } as typeof settings, capMicros);
    expect(template.stop).toEqual({ maxTasks: 5 });
    expect(String(template.name)).toHaveLength(200);
    expect(template).not.toHaveProperty('forgotten');
    expect(template).not.toHaveProperty('priceMicros');
  });
});
