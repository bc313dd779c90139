import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faded, rankCampaigns, turnWords } from '../../domain/campaign-turns.ts';

const turn = fc.record({
  served: fc.double({ min: 0, max: 1e6, noNaN: true }),
  held: fc.integer({ min: 0, max: 60 }),
  maxLeases: fc.integer({ min: 1, max: 50 }),
});

describe('the order of campaigns', () => {
  test('has all of them once, best first, and keeps the order of equals', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
        const known = turns.map((each, at) => ({ ...each, at }));
        const ranked = rankCampaigns(known);
        expect(new Set(ranked.map(({ campaign }) => campaign.at)).size).toBe(turns.length);
        for (const [at, { campaign, chosen }] of ranked.entries()) {
          const before = ranked[at - 1];
          expect(Math.abs(chosen.fairness)).toBeLessThanOrEqual(1);
          if (!before) continue;
          expect(before.chosen.score).toBeGreaterThanOrEqual(chosen.score);
          if (before.chosen.score === chosen.score) expect(before.campaign.at).toBeLessThan(campaign.at);
        }
      }),
    );
  });

  test('puts first what was served least, and where an annotator holds less', () => {
    const at = (name: string, served: number, held = 0) => ({ name, served, held, maxLeases: 5 });
    const names = (...turns: ReturnType<typeof at>[]) => rankCampaigns(turns).map(({ campaign }) => campaign.name);
    expect(names(at('old', 90), at('new', 10))).toEqual(['new', 'old']);
    expect(names(at('busy', 0, 4), at('free', 0, 1))).toEqual(['free', 'busy']);
    // A little less of what was given out does not outweigh full hands.
    expect(names(at('full', 49, 5), at('other', 51))).toEqual(['other', 'full']);
  });

  test('shares out evenly among campaigns that always have work', () => {
    const served = [0, 0, 0];
    for (let at = 0; at < 300; at++) {
      const [best] = rankCampaigns(served.map((count, place) => ({ served: count, held: 0, maxLeases: 5, place })));
      const place = best?.campaign.place ?? 0;
      served[place] = (served[place] ?? 0) + 1;
    }
    expect(served).toEqual([100, 100, 100]);
  });

  test('fades, and is told in words', () => {
    expect(faded(8, 0)).toBe(8);
    expect(faded(8, 60_000)).toBe(4);
    const [first] = rankCampaigns([
      { served: 1, held: 1, maxLeases: 5 },
      { served: 9, held: 0, maxLeases: 5 },
    ]);
    expect(first && turnWords(first.chosen)).toBe(
      'of 2 campaigns this one came first, with 10% of what was given out lately: load 0.40 + 0.40 fairness = 0.80',
    );
  });
});
