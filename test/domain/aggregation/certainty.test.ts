import { describe, expect, it } from 'vitest';
import { certaintyAmongLabels, certaintyOfMean, type Usual } from '../../../domain/aggregation/certainty.ts';
import { decisionRecord } from '../../../domain/aggregation/decide.ts';
import { usualOf, varianceOf } from '../../../domain/aggregation/reliability/usual.ts';
import { seededRng } from '../../../domain/rng.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { KINDS, kindOf } from '../tasks/kinds.ts';

interface Given {
  readonly type: string;
  readonly config: unknown;
  readonly payload?: unknown;
  readonly usual?: Usual;
}

function decide(given: Given, labels: readonly unknown[], weight = 0.5) {
  const votes = labels.map((label, at) => ({ annotationId: `a${at}`, label, weight }));
  return decisionRecord({ taskId: 't', policyVersion: 1, instructionsVersion: 1, ...given, votes }).result;
}

const scale = { min: 1, max: 5, criteria: [{ name: 'q' }] };
const likert = (scores: readonly number[], weight?: number) =>
  decide(
    { type: 'likert', config: scale },
    scores.map((q) => ({ q })),
    weight,
  ).confidence;

/** What was claimed and how often it was so, by claims of the same tenth. */
function calibration(claims: readonly { claim: number; holds: boolean }[]) {
  const bins = new Map<number, { claim: number; holds: boolean }[]>();
  for (const each of claims) {
    const bin = Math.min(9, Math.floor(each.claim * 10));
    bins.set(bin, [...(bins.get(bin) ?? []), each]);
  }
  return [...bins.values()].map((own) => ({
    claimed: own.reduce((sum, { claim }) => sum + claim, 0) / own.length,
    came: own.filter(({ holds }) => holds).length / own.length,
    count: own.length,
  }));
}

describe('the confidence of decisions on labels that are no fixed choices', () => {
  const open = Object.keys(KINDS).filter((name) => {
    const { type, config } = kindOf(name);
    return !type.choices?.(config);
  });

  it.each(open)('is no certainty after one answer, and grows with each that says the same: %s', (name) => {
    const { type, config, payload, label } = kindOf(name);
    const given = { type: type.name, config, payload };
    const same = (n: number, weight?: number) =>
      decide(
        given,
        Array.from({ length: n }, () => label(1)),
        weight,
      ).confidence;
    const grows = [1, 2, 3, 5, 9].map((n) => same(n));
    expect(grows[0]).toBeLessThan(0.85);
    expect(grows[1]).toBeLessThan(0.95);
    expect(grows).toEqual(grows.toSorted((a, b) => a - b));
    expect(grows[4]).toBeGreaterThan(0.95);
    // Of an answer that is worth nothing nothing is known.
    expect(same(1, 0.005)).toBeLessThanOrEqual(0.51);
    expect(same(1, 1)).toBeGreaterThan(grows[0] ?? 1);
  });

  it('of scores lets a task on which all agree end, and asks on where they differ', () => {
    expect(likert([4, 4])).toBeLessThan(0.8);
    expect(likert([4, 4, 4, 4, 4])).toBeGreaterThan(0.95);
    // The first difference does not put it out of reach for ever.
    expect(likert([4, 4, 4, 4, 4, 4, 4, 4, 4, 5])).toBeGreaterThan(0.95);
    expect(likert([3, 4, 5])).toBeGreaterThan(0.6);
    expect(likert([1, 3, 5])).toBeLessThan(0.5);
    expect(likert([1, 5, 1, 5, 1, 5])).toBeLessThan(0.6);
  });

  it('of scores is how often the mean of many more is so near', () => {
    const rng = seededRng('scores');
    const normal = () => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
    const sd = 0.7;
    const tasks = Array.from({ length: 4000 }, (_, at) => {
      const truth = 2 + 2 * rng.next();
      const scores = Array.from({ length: 2 + rng.int(4) }, () => truth + sd * normal());
      return { taskId: `${at}`, truth, scores };
    });
    const answers = tasks.flatMap(({ taskId, scores }) =>
      scores.map((q, at) => ({ taskId, annotatorId: `${at}`, label: { q } })),
    );
    const variance = varianceOf(getTaskType('likert'), scale, answers)?.q;
    expect(variance).toBeCloseTo(sd ** 2, 1);
    const claims = tasks.map(({ truth, scores }) => {
      const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
      const answered = scores.map((score) => ({ score, evidence: 1 }));
      return { claim: certaintyOfMean(answered, scale, variance), holds: Math.abs(mean - truth) <= 0.5 };
    });
    for (const { claimed, came, count } of calibration(claims)) {
      if (count >= 100) expect(Math.abs(came - claimed)).toBeLessThan(0.08);
    }
  });

  it('of labels is how often they are right, by what the crowd has shown', () => {
    const rng = seededRng('pairs');
    const config = { strength: { max: 3 }, allowTie: false, allowBothBad: false };
    for (const skill of [0.65, 0.9]) {
      const usual = usualOf(2 * skill - 1, { chance: 0.5 });
      const claims = Array.from({ length: 3000 }, () => {
        const truth = rng.next() < 0.5 ? 'a' : 'b';
        const other = truth === 'a' ? 'b' : 'a';
        const labels = Array.from({ length: 1 + rng.int(4) }, () => {
          return { choice: rng.next() < skill ? truth : other, strength: 1 + rng.int(3) };
        });
        const { label, confidence } = decide({ type: 'pairwise', config, usual }, labels, usual.weight);
        return { claim: confidence, holds: (label as { choice: string }).choice === truth };
      });
      for (const { claimed, came, count } of calibration(claims)) {
        if (count >= 100) expect(Math.abs(came - claimed)).toBeLessThan(0.06);
      }
    }
  });

  it('of labels is how often they are right, also among many of them', () => {
    // Agreement beyond chance of 0.6 among ten equally likely labels.
    const usual = usualOf(0.6, { chance: 0.1 });
    const given = { type: 'pairwise', config: { strength: { max: 3 } }, usual };
    expect(decide(given, [{ choice: 'a', strength: 1 }], usual.weight).confidence).toBeCloseTo(0.64, 6);
    const rng = seededRng('many labels');
    const claims = Array.from({ length: 3000 }, () => {
      const truth = rng.int(10);
      const labels = Array.from({ length: 1 + rng.int(4) }, () =>
        rng.next() < 0.64 ? truth : (truth + 1 + rng.int(9)) % 10,
      );
      const votesFor = (label: number) => labels.filter((each) => each === label).length;
      const decided = labels.reduce((best, label) => (votesFor(label) > votesFor(best) ? label : best));
      const answers = labels.map((label) => ({ label, evidence: 1 }));
      const claim = certaintyAmongLabels(answers, decided, (a, b) => (a === b ? 1 : 0), { labels: 2, ...usual });
      return { claim, holds: decided === truth };
    });
    for (const { claimed, came, count } of calibration(claims)) {
      if (count >= 100) expect(Math.abs(came - claimed)).toBeLessThan(0.08);
    }
  });

  it('of rankings does not take what nobody compared for certain', () => {
    const config = { allowTies: false, allowPartial: true };
    const ranks = [
      [1, 2, null],
      [null, 1, 2],
    ];
    const { label, confidence } = decide(
      { type: 'preference_ranking', config },
      ranks.map((each) => ({ ranks: each })),
    );
    expect(label).toEqual({ ranks: [1, 2, 3] });
    expect(confidence).toBeLessThan(0.8);
  });

  it('keeps how near the answers are to each other, and gives dialogs one by turn', () => {
    const { config, payload, label } = kindOf('dialog chosen');
    const { confidence, stats } = decide({ type: 'dialog', config, payload }, [label(1), label(1)]);
    expect(stats).toMatchObject({ agreement: 1, 'confidence:overall': confidence });
  });
});

it('of very many good answers is a number, and that of a rival of as many the half', () => {
  const answersOf = (label: string, count: number) => Array.from({ length: count }, () => ({ label, evidence: 2 }));
  const near = (a: string, b: string) => (a === b ? 1 : 0);
  const usual = { skill: 0.99, labels: 10 };
  const many = answersOf('a', 80);
  expect(certaintyAmongLabels(many, 'a', near, usual)).toBe(1);
  expect(certaintyAmongLabels([...many, ...answersOf('b', 80)], 'a', near, usual)).toBe(0.5);
  expect(certaintyAmongLabels([...many, ...answersOf('b', 81)], 'a', near, usual)).toBeLessThan(1e-5);
});
