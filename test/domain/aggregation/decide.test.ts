import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregateTask,
  type DecisionInputs,
  decisionRecord,
  recomputeDecision,
} from '../../../domain/aggregation/decide.ts';
import { classification } from '../../../domain/tasks/classification.ts';
import { KINDS, kindOf } from '../tasks/kinds.ts';

/** Made by the first rules (sets of labels, spans, scores less leniency) and the second (every type). */
const OLD_RECORDS = ['version-1.jsonl', 'version-2.jsonl'].flatMap((name) =>
  readFileSync(new URL(`records/${name}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n'),
);

describe('aggregateTask', () => {
  it('refuses the same annotation twice', () => {
    const vote = { annotationId: '1', label: 'x', weight: 1 };
    expect(() => aggregateTask(classification, { labels: ['x', 'y'] }, [vote, vote])).toThrow(
      'Annotation 1 is among the votes twice',
    );
    expect(aggregateTask(classification, { labels: ['x', 'y'] }, [vote]).label).toBe('x');
  });
});

describe('decisionRecord', () => {
  it.each(Object.keys(KINDS))('recomputes to the same bytes: %s', (name) => {
    const { type, config, payload, label } = kindOf(name);
    const votes = fc.uniqueArray(
      fc.record({ annotationId: fc.uuid(), seed: fc.nat(), weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { selector: ({ annotationId }) => annotationId, maxLength: 7 },
    );
    fc.assert(
      fc.property(votes, (given) => {
        const inputs = {
          taskId: 't1',
          type: type.name,
          policyVersion: 2,
          instructionsVersion: 3,
          config,
          votes: given.map(({ annotationId, seed, weight }) => ({ annotationId, weight, label: label(seed) })),
          payload,
          context: { costMicros: 450_000n, outcome: 'decided' },
        };
        const { json, result } = decisionRecord(inputs);
        expect(recomputeDecision(json)).toBe(json);
        expect(decisionRecord({ ...inputs, votes: [...inputs.votes].reverse() }).json).toBe(json);
        expect(JSON.parse(json)).toMatchObject({
          context: { costMicros: '450000' },
          result: JSON.parse(JSON.stringify(result)),
        });
        // The item is kept only where it has a part in the decision.
        expect('payload' in JSON.parse(json)).toBe(type.aggregateReadsPayload === true);
      }),
      { numRuns: 40 },
    );
  });

  it.each(OLD_RECORDS)('recomputes a record that was made by older rules to the same bytes: %#', (json) => {
    expect(recomputeDecision(json)).toBe(json);
    const { version: _, ...inputs } = JSON.parse(json) as DecisionInputs;
    expect(decisionRecord(inputs).json).not.toBe(json);
  });

  it('notices a record whose result was changed', () => {
    const votes = [{ annotationId: '1', label: 'x', weight: 1 }];
    const inputs = { taskId: 't', type: 'classification', policyVersion: 1, instructionsVersion: 1, votes };
    const { json } = decisionRecord({ ...inputs, config: { labels: ['x', 'y'] } });
    const forged = json.replace('"confidence":1', '"confidence":0.9');
    expect(forged).not.toBe(json);
    expect(recomputeDecision(forged)).not.toBe(forged);
  });
});
