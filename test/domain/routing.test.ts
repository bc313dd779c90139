import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../domain/rng.ts';
import { DEFAULT_GOLD_FLOOR, goldProbability, rankCandidates, routingScore, wantsGold } from '../../domain/routing.ts';
import { TIERS, tierMeets } from '../../domain/tiers.ts';

describe('routingScore', () => {
  it('is quality x 2 + priority x 0.5 + 3 for a matching domain', () => {
    expect(routingScore({ qualityScore: 0.8, priority: 4, domainMatch: true })).toBeCloseTo(6.6, 12);
    expect(routingScore({ qualityScore: 0.5, priority: 0, domainMatch: false })).toBe(1);
    const weights = { quality: 1, priority: 1, domain: 10 };
    expect(routingScore({ qualityScore: 1, priority: 2, domainMatch: true }, weights)).toBe(13);
  });
});

describe('rankCandidates', () => {
  const annotator = { tier: 'trained', qualityScore: 0.9, specializations: ['Law'] } as const;
  const task = (id: number, priority = 0, domain: string | null = null) =>
    ({ id, priority, domain, requiredTier: 'crowd' }) as const;

  it('puts domain before priority before place in the queue', () => {
    const ranked = rankCandidates(annotator, [task(1), task(2, 1), task(3, 0, 'law'), task(4), task(5, 1)]);
    expect(ranked.map(({ candidate }) => candidate.id)).toEqual([3, 2, 5, 1, 4]);
    expect(ranked[0]?.score).toBeCloseTo(4.8, 12);
  });

  it('offers only tasks whose tier the annotator meets', () => {
    const tasks = TIERS.map((requiredTier) => ({ requiredTier, priority: 0 }));
    for (const tier of TIERS) {
      const offered = rankCandidates({ ...annotator, tier }, tasks).map(({ candidate }) => candidate.requiredTier);
      expect(offered).toEqual(TIERS.filter((needs) => tierMeets(tier, needs)));
      expect(offered).toContain('crowd');
    }
  });

  it('keeps queue order among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 })), (priorities) => {
        const ranked = rankCandidates(
          annotator,
          priorities.map((priority, id) => task(id, priority)),
        );
        for (let i = 1; i < ranked.length; i++) {
          const [a, b] = [ranked[i - 1], ranked[i]];
          if (!a || !b) throw new Error('unreachable');
          expect(a.score > b.score || (a.score === b.score && a.candidate.id < b.candidate.id)).toBe(true);
        }
      }),
    );
  });
});

describe('wantsGold', () => {
  it('gives newcomers at least the floor until ten golds are seen', () => {
    expect(goldProbability({ goldRatio: 0.05, answered: 0, goldsSeen: 0 })).toBe(0.2);
    expect(goldProbability({ goldRatio: 0.05, answered: 100, goldsSeen: 9 })).toBe(0.2);
    expect(goldProbability({ goldRatio: 0.05, answered: 100, goldsSeen: 10 })).toBe(0.05);
    expect(goldProbability({ goldRatio: 0.3, answered: 0, goldsSeen: 0 })).toBe(0.3);
    const floor = { golds: 3, probability: 0.5 };
    expect(goldProbability({ goldRatio: 0.05, answered: 3, goldsSeen: 2, floor })).toBe(0.5);
  });

  it('catches up where golds were missing for long, and is off at ratio 0', () => {
    expect(goldProbability({ goldRatio: 0.05, answered: 1000, goldsSeen: 12 })).toBe(0.2);
    expect(goldProbability({ goldRatio: 0, answered: 0, goldsSeen: 0 })).toBe(0);
    expect(() => goldProbability({ goldRatio: 2, answered: 0, goldsSeen: 0 })).toThrow('goldRatio is 2');
  });

  it('keeps the ratio over many assignments', () => {
    const rng = seededRng('golds');
    let goldsSeen = 0;
    for (let answered = 0; answered < 20_000; answered++) {
      if (wantsGold({ goldRatio: 0.05, answered, goldsSeen, u: rng.next() })) goldsSeen++;
    }
    expect(goldsSeen / 20_000).toBeGreaterThan(0.045);
    expect(goldsSeen / 20_000).toBeLessThan(0.056);
  });
});

describe('gold for annotators in doubt', () => {
  const measured = { goldRatio: 0.05, answered: 400, goldsSeen: 20 };

  it('whoever golds have shown to be weak meets as many as a newcomer', () => {
    expect(goldProbability({ ...measured, qualityScore: 0.6 })).toBe(DEFAULT_GOLD_FLOOR.probability);
  });

  it('whoever golds have shown to be good meets the usual share', () => {
    expect(goldProbability({ ...measured, qualityScore: 0.9 })).toBe(0.05);
  });
});
