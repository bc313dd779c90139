import { describe, expect, it } from 'vitest';
import { createCampaignSchema, resolveSettings } from '../../../domain/settings.ts';
import { hedgeAfterMs } from '../../../domain/vendors/hedging.ts';
import { nextOrderStep, type OrderFacts } from '../../../domain/vendors/order-steps.ts';

const facts: OrderFacts = {
  state: 'placed',
  outstanding: 2,
  cancels: 0,
  held: 0,
  deadlineMs: 100_000,
  graceMs: 1000,
  pollMs: [10_000],
  hedgeAtMs: 14_000,
};
const now = { atMs: 0, looks: 1, fresh: true, expired: false };

describe('asking a second source', () => {
  it('goes by the p90 of a vendor that is known, before that by the setting, and without either never', () => {
    expect(hedgeAfterMs({ answers: 20, p90Ms: 5000 }, { afterMs: 900 })).toBe(5000);
    expect(hedgeAfterMs({ answers: 19, p90Ms: 5000 }, { afterMs: 900 })).toBe(900);
    expect(hedgeAfterMs({ answers: 0, p90Ms: null }, {})).toBeUndefined();
  });

  it('comes at its time, once, after a look at what has come, and not past the deadline', () => {
    expect(nextOrderStep(facts, { ...now, atMs: 9000 })).toEqual({ do: 'wait', forMs: 5000 });
    expect(nextOrderStep(facts, { ...now, atMs: 14_000, fresh: false })).toEqual({ do: 'collect' });
    expect(nextOrderStep(facts, { ...now, atMs: 14_000 })).toEqual({ do: 'hedge' });
    expect(nextOrderStep(facts, { ...now, atMs: 14_000, hedged: true })).toEqual({ do: 'wait', forMs: 10_000 });
    const late = { ...now, atMs: 100_000, expired: true };
    expect(nextOrderStep(facts, late)).toEqual({ do: 'wait', forMs: 1000 });
  });

  it('needs somebody after a vendor in the list', () => {
    const resolve = (workforces: string[], budgetUsd?: string) => () =>
      resolveSettings(
        createCampaignSchema.parse({
          ...{ type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '1', workforces },
          hedge: { afterMs: 1000, budgetUsd },
        }),
      );
    expect(resolve(['surge_ai', 'internal'], '2')().settings.hedge).toEqual({ afterMs: 1000, budgetMicros: '2000000' });
    expect(resolve(['surge_ai', 'internal'])).toThrow(/say in hedge\.budgetUsd how much/);
    expect(resolve(['surge_ai', 'internal'], '0')).toThrow(/say in hedge\.budgetUsd how much/);
    for (const list of [['internal'], ['internal', 'surge_ai'], ['llm', 'internal']]) {
      expect(resolve(list)).toThrow(/nobody to ask beside a vendor/);
    }
  });
});
