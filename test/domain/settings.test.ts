import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import {
  campaignPolicyOf,
  createCampaignSchema,
  resolveSettings,
  taskPolicyOf,
  taskWorstCaseMicros,
} from '../../domain/settings.ts';
import type { EscalationStep } from '../../domain/task-policy.ts';

type Body = z.input<typeof createCampaignSchema>;
const body: Body = { type: 'classification', config: { labels: ['spam', 'ham'] }, budgetUsd: '50' };
const resolved = (changes: Partial<Body> = {}) => resolveSettings(createCampaignSchema.parse({ ...body, ...changes }));
const issuesOf = (changes: Record<string, unknown>) => {
  const parsed = createCampaignSchema.safeParse({ ...body, ...changes });
  return parsed.error?.issues.map((issue) => issue.path.join('.')) ?? [];
};

describe('a campaign’s settings', () => {
  it('have a slice where a model learns, and no single vector of an item that shows several answers', () => {
    const ranking = { type: 'preference_ranking', config: {} } as const;
    expect(resolved(ranking).settings.evaluation).toEqual({ share: 0.1 });
    expect(resolved({ type: 'span', config: { labels: ['x'] } }).settings.evaluation).toBeNull();
    const vectors = { features: { vectors: { dims: 3 } } };
    for (const type of ['pairwise', 'preference_ranking'] as const) {
      expect(() => resolved({ type, config: {}, ...vectors })).toThrow('which one vector cannot tell apart');
    }
    expect(resolved(vectors).settings.features).toEqual(vectors.features);
  });

  it('are complete with what was left out', () => {
    const { settings, capMicros } = resolved();
    expect(capMicros).toBe(50_000_000n);
    expect(settings).toMatchObject({
      redundancy: 3,
      maxRedundancy: 3,
      refitEvery: 100,
      batchSize: 100,
      lateAnswers: 'pay',
      strategy: 'combined',
      stop: {},
      quality: { tooFastS: 5, tooFastFactor: 0.3, tooSlowS: 600, tooSlowFactor: 0.8, goldIncorrectFactor: 0.5 },
    });
    // A crowd worker's $12 an hour for 15 seconds.
    expect(settings.priceMicros).toBe('50000');
  });

  it.each<[string[], Parameters<typeof resolved>[0], number]>([
    [['internal'], {}, 0],
    [['internal', 'surge_ai', 'scale_ai'], {}, 2],
    [['llm', 'internal'], { redundancy: 2 }, 1],
    // People are asked once the judges have said what they say.
    [['llm', 'internal'], { redundancy: 2, judge: {} }, 0],
    [['llm', 'internal', 'prolific'], { redundancy: 2, judge: {} }, 1],
    [['surge_ai', 'internal'], { hedge: { budgetUsd: '1' } }, 1],
  ])('have a ladder that asks each of %j, with %j', (workforces, more, moves) => {
    expect(resolved({ workforces, ...more }).settings.escalation).toEqual([
      ...Array.from({ length: moves }, () => ({ step: 'next_workforce' })),
      ...[{ step: 'raise_priority' }, { step: 'widen_tier' }, { step: 'give_up' }],
    ]);
  });

  it('refuse a ladder that never asks some workforce, unless others are asked beside a vendor', () => {
    const next = { step: 'next_workforce' } as const;
    const workforces = ['internal', 'surge_ai', 'scale_ai'];
    const ladders: [EscalationStep[], string][] = [
      [[], 'surge_ai and scale_ai'],
      [[next, { step: 'give_up' }, next], 'scale_ai'],
      [[next, { step: 'adjudicate' }, next], 'scale_ai'],
    ];
    for (const [escalation, never] of ladders) {
      const refused = () => resolved({ workforces, escalation });
      expect(refused).toThrow(`escalation never asks ${never}: it needs the step next_workforce`);
    }
    expect(resolved({ workforces, escalation: [next, next] }).settings.escalation).toEqual([next, next]);
    const hedge = { budgetUsd: '1' };
    expect(resolved({ workforces: ['surge_ai', 'internal'], escalation: [], hedge }).settings.escalation).toEqual([]);
  });

  it('take a price and a budget as text or number, exactly', () => {
    const { settings, capMicros } = resolved({ priceUsd: '0.000001', budgetUsd: 12.34 });
    expect(settings.priceMicros).toBe('1');
    expect(capMicros).toBe(12_340_000n);
  });

  it('survive JSON, as they are stored', () => {
    const { settings } = resolved({ stop: { maxTasks: 5, deadline: '2030-01-01T00:00:00Z' } });
    expect(JSON.parse(JSON.stringify(settings))).toEqual(settings);
  });

  it.each([
    ['budgetUsd', { budgetUsd: '-1' }],
    ['budgetUsd', { budgetUsd: '1e3' }],
    ['budgetUsd', { budgetUsd: Number.NaN }],
    ['redundancy', { redundancy: 0 }],
    ['redundancy', { redundancy: 26 }],
    ['redundancy', { redundancy: 2.5 }],
    ['minConfidence', { minConfidence: 1.1 }],
    ['windowMs', { windowMs: 0 }],
    ['type', { type: 'poetry' }],
    ['tier', { tier: 'wizard' }],
    ['strategy', { strategy: 'luck' }],
    ['escalation.0.by', { escalation: [{ step: 'raise_pay', by: 0 }] }],
    ['escalation.0.step', { escalation: [{ step: 'shout' }] }],
    ['stop.deadline', { stop: { deadline: 'tomorrow' } }],
    ['workforces', { workforces: [] }],
    ['quality.tooFastFactor', { quality: { tooFastFactor: 2 } }],
    ['quality.tooFastS', { quality: { tooFastS: 700 } }],
    ['quality.straightLining.minRun', { quality: { straightLining: { minRun: 1 } } }],
    ['', { colour: 'red' }],
  ])('refuse what makes no sense, naming %s', (field, changes) => {
    expect(issuesOf(changes)).toEqual([field]);
  });

  it('refuse a config that does not fit the type', () => {
    expect(() => resolved({ config: { labels: ['one'] } })).toThrow('config.labels has 1; at least 2 are needed');
  });

  it('refuse a most redundancy below the redundancy', () => {
    expect(() => resolved({ redundancy: 5, maxRedundancy: 4 })).toThrow(
      'maxRedundancy is 4; it must be at least the redundancy, 5.',
    );
  });
});

describe('a setting that the task type does not have', () => {
  it.each([
    ['pairwise', { alowTie: false }, 'config.alowTie is no setting of the type pairwise; did you mean allowTie?'],
    [
      'pairwise',
      { labels: ['a', 'b'] },
      'config.labels is no setting of the type pairwise; there are "allowTie", "allowBothBad", "strength"',
    ],
    [
      'likert',
      { min: 1, max: 5, criteria: [{ name: 'a', anchor: 'x' }] },
      'config.criteria[0].anchor is no setting of the type likert',
    ],
  ] as const)('is refused: %s %j', (type, config, message) => {
    expect(() => resolved({ type, config })).toThrow(message);
  });
});

describe('asking again', () => {
  it('is up to nine answers unless said, and for fixed choices that a model could give', () => {
    expect(resolved().settings.relabel).toBeUndefined();
    expect(resolved({ relabel: true }).settings.relabel).toEqual({ maxAnswers: 9 });
    expect(resolved({ relabel: { maxAnswers: 4 }, type: 'pairwise', config: {} }).settings.relabel).toEqual({
      maxAnswers: 4,
    });
    const needed = 'have no fixed choices that a model could give; leave relabel out.';
    const scale = { min: 1, max: 5, criteria: [{ name: 'quality' }] };
    expect(() => resolved({ relabel: true, type: 'likert', config: scale })).toThrow(needed);
    expect(() => resolved({ relabel: true, config: { labels: ['a', 'b'], multiple: true } })).toThrow(needed);
    expect(() => resolved({ relabel: { maxAnswers: 3 } })).toThrow('it must be more than the redundancy, 3.');
    expect(issuesOf({ relabel: false })).toEqual(['relabel']);
  });
});

describe('the policies made of them', () => {
  it('know what adaptive redundancy means where nothing else is said, and refuse what contradicts it', () => {
    const policy = { redundancyPolicy: 'adaptive' } as const;
    const least = { redundancy: 2, maxRedundancy: 5, minConfidence: 0.95, onDisagreement: 'extend' };
    expect(resolved(policy).settings).toMatchObject(least);
    expect(resolved({ ...policy, redundancy: 7 }).settings).toMatchObject({ redundancy: 7, maxRedundancy: 7 });
    expect(() => resolved({ ...policy, onDisagreement: 'accept' })).toThrow('whenContested');
    expect(resolved({ ...policy, leastGainPerUsd: 0.5 }).settings.leastGainPerUsd).toBe(0.5);
    expect(() => resolved({ ...policy, leastGainPerUsd: 0.5, whenContested: 'adjudicate' })).toThrow('leastGainPerUsd');
    expect(() => resolved({ leastGainPerUsd: 0.5 })).toThrow('leastGainPerUsd');
    const scale = { min: 1, max: 5, criteria: [{ name: 'quality' }] };
    const without = { ...policy, leastGainPerUsd: 0.5, type: 'likert', config: scale } as const;
    expect(() => resolved(without)).toThrow('tasks of the type likert have none here; leave it out.');
  });

  it('tell a task what it follows, and no more', () => {
    const { settings } = resolved({ maxRedundancy: 5, escalation: [{ step: 'widen_tier' }] });
    expect(taskPolicyOf(settings, 7)).toEqual({
      version: 7,
      redundancy: 3,
      maxRedundancy: 5,
      minConfidence: 0.6,
      onDisagreement: 'accept',
      whenContested: 'accept',
      windowMs: 3 * 24 * 3600 * 1000,
      adjudicationMs: 7 * 24 * 3600 * 1000,
      escalation: [{ step: 'widen_tier' }],
      decidesAtEnd: true,
    });
  });

  it('tell the campaign its stop rules, and never a batch above what may be in flight', () => {
    const { settings } = resolved({
      maxInFlight: 10,
      stop: { deadline: '2030-01-01T00:00:00Z', targetAccuracy: 0.9, plateau: { rounds: 2, minGain: 0.01 } },
    });
    expect(campaignPolicyOf(settings)).toMatchObject({
      batchSize: 10,
      deadlineMs: Date.UTC(2030, 0, 1),
      targetAccuracy: 0.9,
      plateau: { rounds: 2, minGain: 0.01 },
    });
    expect(campaignPolicyOf(resolved().settings)).toMatchObject({
      deadlineMs: null,
      targetAccuracy: null,
      plateau: null,
    });
  });

  it('reserve for a task all its answers at the ladder’s highest price', () => {
    const { settings } = resolved({
      priceUsd: '0.10',
      maxRedundancy: 5,
      escalation: [{ step: 'raise_pay', by: 0.5 }],
    });
    expect(taskWorstCaseMicros(settings)).toBe(750_000n);
  });
});
