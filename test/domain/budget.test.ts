import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExposureFacts, exposureOf, forecastSpend, waitsFor, warningText } from '../../domain/budget.ts';
import * as campaign from '../../domain/campaign.ts';
import { leastMicros } from '../../domain/money.ts';
import { DEFAULT_GOLD_FLOOR, expectedGolds } from '../../domain/routing.ts';

describe('warnings', () => {
  it.each([
    ['campaign', 'spent', '', '80% of the budget, $12.00, are spent.'],
    ['campaign', 'committed', '', '80% of the budget, $12.00, are spent or reserved.'],
    ['workforce', 'committed', 'mturk', '80% of the cap of the workforce mturk, $12.00, are spent or reserved.'],
    ['hedge', 'committed', '', '80% of the cap of hedges, $12.00, are spent or reserved.'],
    ['organisation', 'committed', 'x', '80% of the cap of all campaigns together, $12.00, are spent or reserved.'],
  ] as const)('of a %s, %s, say which cap', (scope, reachedBy, name, text) => {
    expect(warningText({ scope, reachedBy, name, percent: 80, capMicros: 12_000_000n })).toBe(text);
  });
});

const alone = {
  askedAgain: { tasks: 0, answers: 0 },
  hedges: 0,
  openHedgesMicros: 0n,
  hedgeFreeMicros: null,
  organisationFreeMicros: null,
};

describe('what a campaign waits for', () => {
  const room = { taskMicros: 150_000n, dayMicros: null, organisationMicros: null, workforce: null };

  it('is the limit that has no room for a task', () => {
    expect(waitsFor({ ...room, dayMicros: 150_000n, organisationMicros: 150_000n })).toBeUndefined();
    expect(waitsFor({ ...room, organisationMicros: 149_999n })).toBe(
      'Nothing more is chosen until the cap of all campaigns together has room for a task, which may cost $0.15: it leaves $0.149999.',
    );
    expect(waitsFor({ ...room, workforce: { name: 'mturk', freeMicros: 0n } })).toMatch(
      /the cap of the workforce mturk has room .* it leaves \$0\.00\.$/,
    );
    expect(waitsFor({ ...room, dayMicros: -10n })).toMatch(/until the next day \(UTC\) .* this one leaves \$0\.00\.$/);
  });
});

describe('exposure', () => {
  it('is what is committed, what the whole pool could cost, and the cap where that is less', () => {
    const spent = {
      capMicros: 100_000_000n,
      reservedMicros: 3_000_000n,
      spentMicros: 5_000_000n,
      owedMicros: 250_000n,
    };
    const vendorPricesMicros: readonly bigint[] = [];
    const work = { pool: 100, maxRedundancy: 5, highestPriceMicros: 100_000n, vendorPricesMicros };
    const golds = { goldRatio: 0.05, goldItems: 30, goldFloor: 10, annotators: 0 };
    const facts: ExposureFacts = { ...spent, ...work, ...golds, ...alone, consistency: null };
    // 8.25 and 100 tasks x 5 answers x 0.10, and 27 golds: 5 beside 95 of these.
    expect(exposureOf(facts)).toEqual({
      committedMicros: 8_250_000n,
      wholePoolMicros: 60_950_000n,
      atMostMicros: 60_950_000n,
    });
    expect(exposureOf({ ...facts, pool: 1000 }).atMostMicros).toBe(100_000_000n);
    const more = (change: Partial<typeof facts>) => exposureOf({ ...facts, ...change }).wholePoolMicros;
    expect(more({ goldItems: 0 })).toBe(58_250_000n);
    // Twenty who are new meet ten golds each, or all four that there are; none where golds are off, or nothing is left.
    expect(more({ annotators: 14 })).toBe(60_950_000n + 14_000_000n);
    // No more than come with 500 answers, a fifth of what is handed out: 125, and what chance may add; less those they have met.
    expect(more({ annotators: 1000 })).toBe(60_950_000n + 15_900_000n);
    expect(more({ annotators: 14, met: 40 })).toBe(60_950_000n + 10_000_000n);
    // Decided ones may be asked four times more.
    expect(more({ askedAgain: { tasks: 10, answers: 4 } })).toBe(60_950_000n + 4_000_000n);
    expect(more({ annotators: 20, goldItems: 4 })).toBe(60_950_000n + 8_000_000n);
    expect(more({ annotators: 20, goldRatio: 0 })).toBe(58_250_000n);
    expect(more({ annotators: 20, pool: 0 })).toBe(8_250_000n);
    // A vendor that takes twice as much may answer everything; a cheaper one need not.
    expect(more({ vendorPricesMicros: [50_000n, 200_000n] })).toBe(8_250_000n + 2n * (60_950_000n - 8_250_000n));
    expect(more({ vendorPricesMicros: [50_000n] })).toBe(60_950_000n);
    const rules = { share: 0.02, afterDays: 7 };
    expect(exposureOf({ ...facts, consistency: rules }).wholePoolMicros).toBe(60_950_000n + 1_000_000n);
    // Two vendors that others may be asked beside: every answer twice more, and what is at them now once more.
    expect(more({ hedges: 2 })).toBe(60_950_000n + 2n * 50_000_000n);
    const open = { hedges: 1, openHedgesMicros: 600_000n };
    expect(exposureOf({ ...facts, ...open })).toMatchObject({
      committedMicros: 8_850_000n,
      wholePoolMicros: 60_950_000n + 50_600_000n,
    });
    expect(exposureOf({ ...facts, ...open, hedgeFreeMicros: 500_000n })).toMatchObject({
      committedMicros: 8_750_000n,
      wholePoolMicros: 61_450_000n,
    });
    // All campaigns together may draw 20 more, of which this one can take every one.
    expect(exposureOf({ ...facts, organisationFreeMicros: 20_000_000n }).atMostMicros).toBe(28_000_000n);
  });

  it('is no less than what a campaign of able newcomers is expected to come to', () => {
    const [answers, annotators, priceMicros] = [300, 20, 100_000n];
    const facts = {
      ...alone,
      ...{ capMicros: 10n ** 12n, reservedMicros: 0n, spentMicros: 0n, owedMicros: 0n, consistency: null },
      ...{ pool: 100, maxRedundancy: 3, highestPriceMicros: priceMicros, vendorPricesMicros: [], goldItems: 50 },
    };
    for (const goldRatio of [0, 0.02, 0.05, 0.2]) {
      for (const goldFloor of [0, 5, 10]) {
        const each = { goldRatio, floor: { ...DEFAULT_GOLD_FLOOR, golds: goldFloor }, accuracy: 0.99 };
        const golds = annotators * expectedGolds(answers / annotators, each);
        const expected = (answers + golds) * Number(priceMicros);
        const { atMostMicros } = exposureOf({ ...facts, goldRatio, goldFloor, annotators });
        expect(Number(atMostMicros)).toBeGreaterThanOrEqual(expected - 1);
      }
    }
  });

  it('the least of amounts is one of them, and none is less', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(), { minLength: 1, maxLength: 10 }), (amounts) => {
        const least = leastMicros(amounts[0] ?? 0n, ...amounts.slice(1));
        expect(amounts).toContain(least);
        expect(amounts.every((each) => least <= each)).toBe(true);
      }),
    );
  });
});

describe('a campaign whose day has no money left', () => {
  const policy: campaign.CampaignPolicy = {
    mode: 'streaming',
    batchSize: 2,
    maxInFlight: 4,
    refitEvery: 10,
    deadlineMs: null,
    targetAccuracy: null,
    plateau: null,
  };
  const paced = campaign.batchSelected(campaign.selectionBegun(campaign.openCampaign(policy)), {
    taskIds: [],
    blocked: 'pace',
    untilMs: 5000,
  });

  it('waits for the next day instead of stopping, and then selects', () => {
    expect(paced.phase).toBe('running');
    expect(campaign.nextCampaignStep(paced)).toEqual({ do: 'wait', untilMs: 5000 });
    expect(campaign.deadlineChecked(paced, 4999)).toBe(paced);
    expect(campaign.nextCampaignStep(campaign.deadlineChecked(paced, 5000))).toMatchObject({ do: 'select' });
  });

  it('looks again when a limit changes or a task gives money back, and never waits beyond its deadline', () => {
    expect(campaign.nextCampaignStep(campaign.budgetChanged(paced))).toMatchObject({ do: 'select' });
    const hurried = { ...paced, policy: { ...policy, deadlineMs: 1000 } };
    expect(campaign.nextCampaignStep(hurried)).toEqual({ do: 'wait', untilMs: 1000 });
    expect(campaign.deadlineChecked(hurried, 1000).stopReason).toBe('deadline');
    const busy = campaign.tasksSettled({ ...paced, inFlight: ['a'] }, ['a']);
    expect(campaign.nextCampaignStep(busy)).toMatchObject({ do: 'select' });
  });
});

describe('a forecast of what is left', () => {
  const facts = {
    capMicros: 10_000_000n,
    spentMicros: 4_000_000n,
    pool: 90,
    tasksOpen: 10,
    chosen: 30,
    maxTasks: null,
    ended: { tasks: 20, costMicros: 3_000_000n },
    goldRatio: 0.2,
    goldItems: 5,
  };

  it('goes by what ended tasks cost, with golds by their share and not by those that were answered early', () => {
    // $0.15 a task, and one gold answer to four others.
    expect(forecastSpend(facts)).toEqual({
      ...{ tasksLeft: 100, taskMicros: 187_500n, restMicros: 18_750_000n, tasksCovered: 32 },
    });
    expect(forecastSpend({ ...facts, goldItems: 0 })).toMatchObject({ taskMicros: 150_000n, tasksCovered: 40 });
  });

  it('is of no more tasks than may be chosen, and covers no more than are left', () => {
    expect(forecastSpend({ ...facts, maxTasks: 35 })).toMatchObject({ tasksLeft: 15, tasksCovered: 15 });
    expect(forecastSpend({ ...facts, maxTasks: 20 })).toMatchObject({ tasksLeft: 10 });
    expect(forecastSpend({ ...facts, spentMicros: 11_000_000n })).toMatchObject({ tasksCovered: 0 });
    const free = { ...facts, ended: { tasks: 20, costMicros: 0n } };
    expect(forecastSpend(free)).toMatchObject({ restMicros: 0n, tasksCovered: 100 });
  });

  it('is none before a task has ended, and once nothing is left', () => {
    expect(forecastSpend({ ...facts, ended: { tasks: 0, costMicros: 0n } })).toBeUndefined();
    expect(forecastSpend({ ...facts, pool: 0, tasksOpen: 0 })).toBeUndefined();
  });
});
