import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateTask, decisionRecord, recomputeDecision } from '../../../domain/aggregation/decide.ts';
import { classification } from '../../../domain/tasks/classification.ts';
import { getTaskType } from '../../../domain/tasks/index.ts';
import { readConfig, readLabel } from '../../../domain/tasks/read.ts';
import type { TaskTypeName } from '../../../domain/tasks/task-type.ts';

const configs: Record<TaskTypeName, unknown> = {
  classification: readConfig(getTaskType('classification'), { labels: ['x', 'y', 'z'], multiple: true }),
  pairwise: readConfig(getTaskType('pairwise'), { strength: { max: 3 } }),
  likert: readConfig(getTaskType('likert'), { min: 1, max: 7, criteria: [{ name: 'p' }, { name: 'q' }] }),
};

const rawLabels: Record<TaskTypeName, fc.Arbitrary<unknown>> = {
  classification: fc.subarray(['x', 'y', 'z'], { minLength: 1 }),
  pairwise: fc.oneof(
    fc.constantFrom('a', 'b', 'tie', 'both_bad'),
    fc.record({ choice: fc.constantFrom('a', 'b'), strength: fc.integer({ min: 1, max: 3 }) }),
  ),
  likert: fc.record({ q: fc.integer({ min: 1, max: 7 }), p: fc.integer({ min: 1, max: 7 }) }),
};

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
  it.each(Object.keys(configs) as TaskTypeName[])('recomputes to the same bytes: %s', (type) => {
    const votes = fc.uniqueArray(
      fc.record({ annotationId: fc.uuid(), raw: rawLabels[type], weight: fc.double({ min: 0, max: 1, noNaN: true }) }),
      { selector: ({ annotationId }) => annotationId, maxLength: 7 },
    );
    const config = configs[type];
    fc.assert(
      fc.property(votes, (given) => {
        const inputs = {
          taskId: 't1',
          type,
          policyVersion: 2,
          instructionsVersion: 3,
          config,
          votes: given.map(({ annotationId, raw, weight }) => {
            return { annotationId, weight, label: readLabel(getTaskType(type), config, raw) };
          }),
          context: { costMicros: 450_000n, outcome: 'decided' },
        };
        const { json, result } = decisionRecord(inputs);
        expect(recomputeDecision(json)).toBe(json);
        expect(decisionRecord({ ...inputs, votes: [...inputs.votes].reverse() }).json).toBe(json);
        expect(JSON.parse(json)).toMatchObject({
          context: { costMicros: '450000' },
          result: JSON.parse(JSON.stringify(result)),
        });
      }),
      { numRuns: 60 },
    );
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
