import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideByCrowd } from '../../../../domain/aggregation/crowd/live-decision.ts';
import { livePosterior, rowOf, takeApart } from '../../../../domain/aggregation/crowd/live-model.ts';
import { coinModel, taskPosterior } from '../../../../domain/aggregation/crowd/task-posterior.ts';
import { decisionRecord, recomputeDecision } from '../../../../domain/aggregation/decide.ts';
import { classification } from '../../../../domain/tasks/classification.ts';

const config = { labels: ['yes', 'no'] };
const SKILLS = [0.95, 0.6, 0.55, 0.1];
const { shared, tableOf } = takeApart(coinModel(2, SKILLS, { newcomer: 0.75 }), config.labels, 3);

const vote = (worker: number, label: string, weight = 1) => ({ worker, label, weight });
function decide(votes: ReturnType<typeof vote>[]) {
  const rows = votes.map(({ worker, label }, at) => {
    const table = worker < 0 ? shared.newcomer : tableOf(worker);
    return [`answer-${at}`, rowOf(shared, table, config.labels.indexOf(label))] as const;
  });
  const crowd = { version: 1, model: shared, rows: Object.fromEntries(rows) };
  const given = votes.map(({ label, weight }, at) => ({ annotationId: `answer-${at}`, label, weight }));
  return { crowd, given, result: decideByCrowd(classification, config, given, crowd) };
}

describe('deciding by what is known of the crowd', () => {
  test('one reliable annotator outweighs two who are hardly better than chance', () => {
    expect(decide([vote(0, 'yes'), vote(1, 'no'), vote(2, 'no')]).result?.label).toBe('yes');
  });

  test('whoever is mostly wrong speaks for the other label', () => {
    const { result } = decide([vote(3, 'no')]);
    expect(result?.label).toBe('yes');
    expect(result?.confidence).toBeCloseTo(0.9, 5);
  });

  test('a doubtful answer counts for less, one without worth for nothing', () => {
    const of = (weight: number) => decide([vote(0, 'yes', weight)]).result?.distribution.yes ?? 0;
    expect(of(0)).toBeCloseTo(0.5, 9);
    expect(of(0.3)).toBeGreaterThan(of(0));
    expect(of(1)).toBeGreaterThan(of(0.3));
  });

  test('the parts give the same probabilities as the whole model, whoever answered', () => {
    const model = coinModel(2, SKILLS, { newcomer: 0.75, prior: [0.7, 0.3] });
    const parts = takeApart(model, config.labels, 3);
    const answers = fc.array(fc.record({ worker: fc.integer({ min: -1, max: 3 }), label: fc.nat(1) }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(answers, (votes) => {
        const live = votes.map(({ worker, label }) => {
          const table = worker < 0 ? parts.shared.newcomer : parts.tableOf(worker);
          return { row: rowOf(parts.shared, table, label), weight: 1 };
        });
        const whole = taskPosterior(model, votes);
        for (const [at, probability] of livePosterior(parts.shared, live).entries()) {
          expect(probability).toBeCloseTo(whole[at] ?? Number.NaN, 4);
        }
      }),
    );
  });

  test('equally likely labels: the one with more weight of votes, then the first by its text', () => {
    expect(decide([vote(-1, 'no'), vote(-1, 'yes')]).result).toMatchObject({ label: 'no', stats: { tie: 1 } });
  });

  test('a label that is none of the choices, and a type without choices, are decided otherwise', () => {
    const { crowd } = decide([vote(0, 'yes')]);
    const strange = [{ annotationId: 'answer-0', label: 'maybe', weight: 1 }];
    expect(decideByCrowd(classification, config, strange, crowd)).toBeUndefined();
    const sets = { labels: ['yes', 'no'], multiple: true };
    expect(decideByCrowd(classification, sets, [{ ...strange[0], label: ['yes'] } as never], crowd)).toBeUndefined();
  });

  test('the record holds all it was made from: decided again it gives the same bytes, in any order of votes', () => {
    const { crowd, given } = decide([vote(0, 'yes'), vote(1, 'no'), vote(-1, 'no', 0.3)]);
    const inputs = { taskId: 't', type: 'classification', policyVersion: 1, instructionsVersion: 1, config, crowd };
    const { json, result } = decisionRecord({ ...inputs, votes: given });
    expect(result.method).toBe('crowd_model');
    expect(recomputeDecision(json)).toBe(json);
    expect(decisionRecord({ ...inputs, votes: given.toReversed() }).json).toBe(json);
    const forged = json.replace('"label":"yes","method"', '"label":"no","method"');
    expect(forged).not.toBe(json);
    expect(recomputeDecision(forged)).not.toBe(forged);
  });
});
