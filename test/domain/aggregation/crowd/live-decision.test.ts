import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CROWD_RULE, decideByCrowd } from '../../../../domain/aggregation/crowd/live-decision.ts';
import { livePosterior, rowOf, takeApart } from '../../../../domain/aggregation/crowd/live-model.ts';
import { coinModel, taskPosterior } from '../../../../domain/aggregation/crowd/task-posterior.ts';
import { confidenceWithout, decisionRecord, recomputeDecision } from '../../../../domain/aggregation/decide.ts';
import { classification } from '../../../../domain/tasks/classification.ts';

const config = { labels: ['yes', 'no'] };
const SKILLS = [0.95, 0.6, 0.55, 0.1];
const { shared, tableOf } = takeApart(coinModel(2, SKILLS, { newcomer: 0.75 }), config.labels, 3);

const vote = (worker: number, label: string, weight = 1) => ({ worker, label, weight });
function decide(votes: ReturnType<typeof vote>[], rule: 1 | 2 = CROWD_RULE, model = shared) {
  const rows = votes.map(({ worker, label }, at) => {
    const table = worker < 0 ? model.newcomer : tableOf(worker);
    return [`answer-${at}`, rowOf(model, table, config.labels.indexOf(label))] as const;
  });
  const crowd = { version: 1, rule, model, rows: Object.fromEntries(rows) };
  const given = votes.map(({ label, weight }, at) => ({ annotationId: `answer-${at}`, label, weight }));
  return { crowd, given, result: decideByCrowd(classification, config, given, crowd) };
}

describe('deciding by what is known of the crowd', () => {
  test('one reliable annotator outweighs two who are hardly better than chance', () => {
    expect(decide([vote(0, 'yes'), vote(1, 'no'), vote(2, 'no')]).result?.label).toBe('yes');
  });

  test('a record tells how sure its label would be without each of its answers', () => {
    const versions = { policyVersion: 1, instructionsVersion: 1 };
    const recordOf = (votes: ReturnType<typeof vote>[], by = decide(votes)) => {
      const inputs = { ...versions, taskId: 't', type: 'classification', config, votes: by.given };
      return (crowd = true) => JSON.parse(decisionRecord({ ...inputs, ...(crowd ? { crowd: by.crowd } : {}) }).json);
    };
    const record = recordOf([vote(0, 'yes'), vote(1, 'no'), vote(2, 'no')]);
    const without = confidenceWithout(record());
    const odds = { first: 0.95 / 0.05, second: 0.4 / 0.6, third: 0.45 / 0.55 };
    const share = (of: number) => of / (1 + of);
    expect(without.get('answer-0')).toBeCloseTo(share(odds.second * odds.third), 5);
    expect(without.get('answer-1')).toBeCloseTo(share(odds.first * odds.third), 5);
    expect(without.get('answer-2')).toBeCloseTo(share(odds.first * odds.second), 5);
    // Where weights decide, they say it; and of one answer there is nothing else.
    expect(confidenceWithout(record(false)).size).toBe(0);
    expect(confidenceWithout(recordOf([vote(0, 'yes')])()).size).toBe(0);
    expect(confidenceWithout(null).size).toBe(0);
  });

  test('whoever is mostly wrong speaks for the other label', () => {
    const { result } = decide([vote(3, 'no'), vote(1, 'yes')]);
    expect(result?.label).toBe('yes');
    // Odds of 9 and of 0.6 / 0.4.
    expect(result?.confidence).toBeCloseTo(13.5 / 14.5, 5);
  });

  test('a label that nobody gave may be the most probable, but never a sure one', () => {
    const { result } = decide([vote(3, 'no')]);
    expect(result).toMatchObject({ label: 'yes', confidence: 0.5, stats: { tie: 1 } });
    expect(result?.distribution.yes).toBeCloseTo(0.9, 5);
  });

  test('where no vote has any weight all count alike, also in a crowd whose tasks are nearly all of one label', () => {
    const { shared: mostlyNo } = takeApart(coinModel(2, [], { newcomer: 0.8, prior: [0.1, 0.9] }), config.labels, 1);
    const three = (weight: number) => [1, 2, 3].map(() => vote(-1, 'yes', weight));
    const { result } = decide(three(0), CROWD_RULE, mostlyNo);
    expect(result?.label).toBe('yes');
    expect(result).toEqual(decide(three(1), CROWD_RULE, mostlyNo).result);
    // Discounted so far that the frequent label stays the more probable one, it is not taken for sure.
    const little = decide(three(0.1), CROWD_RULE, mostlyNo).result;
    expect(little).toMatchObject({ label: 'no', confidence: 0.5, stats: { tie: 1 } });
  });

  test('a doubtful answer counts for less, one without worth for nothing', () => {
    const of = (weight: number) => decide([vote(0, 'yes', weight)]).result?.distribution.yes ?? 0;
    expect(of(1e-9)).toBeCloseTo(0.5, 6);
    expect(of(0.3)).toBeGreaterThan(of(1e-9));
    expect(of(1)).toBeGreaterThan(of(0.3));
    expect(decide([vote(0, 'yes'), vote(1, 'no', 0)]).result?.distribution.yes).toBe(of(1));
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

  test('equally likely labels: the one with more weight of votes, else one that is drawn, neither more often', () => {
    const row = (label: string) => rowOf(shared, shared.newcomer, config.labels.indexOf(label));
    const drawn = (task: number, rule: 1 | 2 = CROWD_RULE) => {
      const ids = [`${task}-first`, `${task}-second`] as const;
      const crowd = { version: 1, rule, model: shared, rows: { [ids[0]]: row('no'), [ids[1]]: row('yes') } };
      const votes = [
        { annotationId: ids[0], label: 'no', weight: 1 },
        { annotationId: ids[1], label: 'yes', weight: 1 },
      ];
      const result = decideByCrowd(classification, config, votes, crowd);
      expect(result).toMatchObject({ stats: { tie: 1 } });
      expect(decideByCrowd(classification, config, votes.toReversed(), crowd)).toEqual(result);
      return result?.label;
    };
    const tasks = Array.from({ length: 400 }, (_, task) => task);
    const yes = tasks.filter((task) => drawn(task) === 'yes').length;
    // Half of them, give or take four standard deviations.
    expect(Math.abs(yes - 200)).toBeLessThan(40);
    // As decisions of the first rule were made, they are made again.
    expect(tasks.every((task) => drawn(task, 1) === 'no')).toBe(true);
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

  test('a decision of before the rule was kept with it holds as it was made', () => {
    const { crowd, given } = decide([vote(-1, 'no'), vote(-1, 'yes')]);
    const inputs = { taskId: 't', type: 'classification', policyVersion: 1, instructionsVersion: 1, config };
    const { rule: _, ...before } = crowd;
    const old = decisionRecord({ ...inputs, crowd: before, votes: given });
    expect(old.json).not.toContain('"rule"');
    expect(old.result.label).toBe('no');
    expect(recomputeDecision(old.json)).toBe(old.json);
    const unheard = decide([vote(3, 'no')]);
    const { rule: __, ...alone } = unheard.crowd;
    const sure = decisionRecord({ ...inputs, crowd: alone, votes: unheard.given });
    expect(sure.result.confidence).toBeCloseTo(0.9, 5);
    expect(recomputeDecision(sure.json)).toBe(sure.json);
    const now = decisionRecord({ ...inputs, crowd: unheard.crowd, votes: unheard.given });
    expect(recomputeDecision(now.json)).toBe(now.json);
  });
});
