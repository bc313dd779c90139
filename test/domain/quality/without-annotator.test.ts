import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CrowdEvidence } from '../../../domain/aggregation/crowd/live-decision.ts';
import { type DecisionInputs, decisionRecord, recomputes } from '../../../domain/aggregation/decide.ts';
import { fallsBelow, withoutAnnotation } from '../../../domain/quality/without-annotator.ts';

type Votes = Readonly<Record<string, readonly [label: string, weight: number]>>;

const inputs = (votes: Votes, crowd?: CrowdEvidence): DecisionInputs => ({
  taskId: 'task',
  type: 'classification',
  policyVersion: 3,
  instructionsVersion: 2,
  config: { labels: ['spam', 'ham'], mode: 'single' },
  votes: Object.entries(votes).map(([annotationId, [label, weight]]) => ({ annotationId, label, weight })),
  ...(crowd ? { crowd } : {}),
  context: { outcome: 'decided' },
});
const evidenceOf = (votes: Votes, crowd?: CrowdEvidence) =>
  JSON.parse(decisionRecord(inputs(votes, crowd)).json) as unknown;

describe('without one answer a decision', () => {
  it.each([
    ['flips', { a: ['ham', 0.9], b: ['spam', 0.8], x: ['spam', 0.9] }, 'spam', 'ham', 0.9 / 1.7],
    ['stays', { a: ['ham', 0.9], b: ['spam', 0.8], x: ['ham', 0.9] }, 'ham', 'ham', 0.9 / 1.7],
    ['unanswered', { x: ['ham', 0.9] }, 'ham', null, 0],
    ['apart', { a: ['ham', 0.9], b: ['spam', 0.8] }, 'ham', 'ham', 0.9 / 1.7],
  ] as const)('%s', (outcome, votes, from, to, confidence) => {
    const without = withoutAnnotation(evidenceOf(votes), 'x');
    expect(without.outcome).toBe(outcome);
    expect([without.before.label, without.after.label]).toEqual([from, to]);
    expect(without.after.confidence).toBeCloseTo(confidence, 12);
  });

  it('flips where a score comes nearest to another step, not where it moves', () => {
    const outcome = (...scores: number[]) => {
      const config = { min: 1, max: 5, criteria: [{ name: 'q' }] };
      const votes = scores.map((q, at) => ({ annotationId: `${at}`, label: { q }, weight: 1 }));
      const { json } = decisionRecord({ ...inputs({}), type: 'likert', config, votes });
      return withoutAnnotation(JSON.parse(json), '0').outcome;
    };
    // 4.33 to 4.5, 4 to 4, 4.2 to 4.25, and 3.67 to 4.
    expect([outcome(4, 4, 5), outcome(5, 4, 4), outcome(4, 4, 4, 4, 5), outcome(3, 4, 4)]).toEqual([
      ...['flips', 'stays', 'stays', 'stays'],
    ]);
  });

  it('is no less confident by chance: only what was sure enough before can fall below', () => {
    const without = withoutAnnotation(evidenceOf({ a: ['ham', 0.9], b: ['spam', 0.8], x: ['ham', 0.9] }), 'x');
    // 1.8 / 2.6 before, 0.9 / 1.7 after.
    expect([0.5, 0.53, 0.69, 0.7].map((least) => fallsBelow(without, least))).toEqual([false, true, true, false]);
  });

  it('has a record with its own context that recomputes, and keeps all else', () => {
    const votes = { a: ['ham', 0.9], b: ['spam', 0.8], x: ['spam', 0.9] } as const;
    const context = { outcome: 'decided', revises: 1, because: 'quarantine', annotatorId: 'X', reason: 'A bot.' };
    const evidence = JSON.parse(withoutAnnotation(evidenceOf(votes), 'x', context).record.json) as DecisionInputs;
    expect(recomputes(evidence)).toBe(true);
    expect(evidence).toMatchObject({ context, policyVersion: 3, instructionsVersion: 2, taskId: 'task' });
    expect(evidence.votes.map(({ annotationId }) => annotationId)).toEqual(['a', 'b']);
    expect(withoutAnnotation(evidence, 'x').outcome, 'again').toBe('apart');
  });
});

it('is what the other answers alone would have decided, to the byte', () => {
  const vote = fc.tuple(fc.constantFrom('spam', 'ham'), fc.double({ min: 0, max: 1, noNaN: true }));
  const ballots = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), vote, { minKeys: 1 });
  fc.assert(
    fc.property(ballots, (votes) => {
      const [left = ''] = Object.keys(votes);
      const { [left]: _, ...others } = votes;
      const without = withoutAnnotation(evidenceOf(votes), left, { outcome: 'decided' });
      expect(without.record.json).toBe(decisionRecord(inputs(others)).json);
    }),
  );
});

it('takes an annotator out of what is known of the crowd, too', () => {
  const sure = { spam: [Math.log(0.9), Math.log(0.1)], ham: [Math.log(0.1), Math.log(0.9)] } as const;
  const model = {
    choices: ['spam', 'ham'],
    kinds: [1],
    weights: [1],
    sharpness: 1,
    logPrior: [0.5, 0.5].map(Math.log),
  };
  const crowd: CrowdEvidence = { version: 4, model, rows: { a: sure.ham, x: sure.spam, y: sure.spam } };
  const votes = { a: ['ham', 1], x: ['spam', 1], y: ['spam', 1] } as const;
  const { record, before } = withoutAnnotation(evidenceOf(votes, crowd), 'x');
  expect(before).toMatchObject({ label: 'spam', method: 'crowd_model' });
  const kept = JSON.parse(record.json) as { crowd: CrowdEvidence };
  expect(Object.keys(kept.crowd.rows)).toEqual(['a', 'y']);
  expect(kept.crowd.version).toBe(4);
});
