import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decisionRecord, recomputes } from '../../../../domain/aggregation/decide.ts';
import { leniencyOf } from '../../../../domain/aggregation/reliability/leniency.ts';
import {
  type PeerAnswer,
  peerReliability,
  reliabilityWeight,
} from '../../../../domain/aggregation/reliability/peer-reliability.ts';
import { withoutAnnotation } from '../../../../domain/quality/without-annotator.ts';
import { type Rng, seededRng } from '../../../../domain/rng.ts';
import { getTaskType } from '../../../../domain/tasks/index.ts';

const WORDS = ['red', 'blue', 'cat', 'dog', 'tree', 'sun'];
const KINDS = {
  sets: {
    type: 'classification',
    config: { labels: WORDS, multiple: true },
    draw: (rng: Rng) => WORDS.filter(() => rng.next() < 0.35),
  },
  rankings: {
    type: 'preference_ranking',
    config: { allowTies: true, allowPartial: false, goldTolerance: 0.2 },
    draw: (rng: Rng) => ({ ranks: rng.shuffle([1, 2, 3, 4, 5]) }),
  },
  'pairs with a strength': {
    type: 'pairwise',
    config: { allowTie: true, allowBothBad: true, strength: { max: 3 } },
    draw: (rng: Rng) => ({ choice: rng.int(2) === 0 ? 'a' : 'b', strength: 1 + rng.int(3) }),
  },
  spans: {
    type: 'span',
    config: { labels: ['X', 'Y'], allowOverlap: true, goldTolerance: 0.5 },
    payload: { text: 'x'.repeat(60) },
    draw: (rng: Rng) => [{ start: rng.int(40), end: 41 + rng.int(19), label: rng.int(2) === 0 ? 'X' : 'Y' }],
  },
  texts: {
    type: 'free_text',
    config: { minLength: 1, maxLength: 100, goldTolerance: 0.2 },
    draw: (rng: Rng) => [0, 1, 2].map(() => WORDS[rng.int(WORDS.length)]).join(' '),
  },
};
/** How often each annotator gives the true label; else any. */
const RIGHT = [0.95, 0.9, 0.8, 0.5, 0.2, 0.1, 0.05];

function crowd({ type: name, config, draw, payload }: (typeof KINDS)['sets'] & { payload?: unknown }, seed: string) {
  const rng = seededRng(seed);
  const type = getTaskType(name);
  const truth = new Map<string, unknown>();
  const answers: PeerAnswer<unknown>[] = [];
  for (let at = 0; at < 120; at++) {
    const taskId = `t${at}`;
    const right = draw(rng);
    truth.set(taskId, right);
    for (const annotator of rng.shuffle([...RIGHT.keys()]).slice(0, 4)) {
      const label = rng.next() < (RIGHT[annotator] ?? 0) ? right : draw(rng);
      answers.push({ taskId, annotatorId: `w${annotator}`, label });
    }
  }
  const similarity = (a: unknown, b: unknown) => 1 - type.distance(a, b, config);
  const meanDistance = (weightOf: (annotatorId: string) => number) => {
    let sum = 0;
    for (const [taskId, right] of truth) {
      const votes = answers
        .filter((answer) => answer.taskId === taskId)
        .map(({ annotatorId, label }) => ({ annotationId: annotatorId, label, weight: weightOf(annotatorId) }));
      sum += type.distance(type.aggregate(votes, config, payload).label, right, config);
    }
    return sum / truth.size;
  };
  return { answers, similarity, truth, meanDistance };
}

const kinds = Object.entries(KINDS) as [string, (typeof KINDS)['sets'] & { payload?: unknown }][];
describe.each(kinds)('of %s', (name, kind) => {
  const { answers, similarity, truth, meanDistance } = crowd(kind, name);
  const found = peerReliability(answers, { similarity, maxPairs: 100_000 });
  const of = (annotator: number) => found?.reliability.get(`w${annotator}`) ?? Number.NaN;

  test('planted reliability is found from agreement alone, and weighing by it decides better', () => {
    for (const [annotator, right] of RIGHT.entries()) expect(Math.abs(of(annotator) - right)).toBeLessThan(0.25);
    expect(Math.min(of(0), of(1), of(2))).toBeGreaterThan(Math.max(of(4), of(5), of(6)));
    const weighed = meanDistance((id) => reliabilityWeight(found?.reliability.get(id) ?? 0));
    expect(weighed).toBeLessThan(0.9 * meanDistance(() => 1));
  });

  test('known answers count as somebody who is always right', () => {
    const known = new Map([...truth].slice(0, 60));
    const anchored = peerReliability(answers, { similarity, known, maxPairs: 100_000 });
    for (const [annotator, right] of RIGHT.entries()) {
      expect(Math.abs((anchored?.reliability.get(`w${annotator}`) ?? Number.NaN) - right)).toBeLessThan(0.2);
    }
  });

  test('the order of answers does not matter, and with a bound on pairs it is much the same', () => {
    const shuffled = seededRng('order').shuffle(answers);
    expect(peerReliability(shuffled, { similarity, maxPairs: 100_000 })).toEqual(found);
    const bounded = peerReliability(answers, { similarity, maxPairs: 300 });
    expect(bounded?.reliability.get('w0')).toBeGreaterThan(bounded?.reliability.get('w6') ?? 1);
  });
});

test('where all labels are alike, or nobody agrees with anybody, nothing is known', () => {
  const same = (a: string, b: string) => (a === b ? 1 : 0);
  const options = { similarity: same, maxPairs: 1000 };
  expect(peerReliability([], options)).toBeUndefined();
  const alike = [0, 1, 2, 3].flatMap((t) =>
    [0, 1, 2].map((w) => ({ taskId: `${t}`, annotatorId: `${w}`, label: 'a' })),
  );
  expect(peerReliability(alike, options)).toBeUndefined();
  const apart = [0, 1, 2, 3].flatMap((t) =>
    [0, 1, 2].map((w) => ({ taskId: `${t}`, annotatorId: `${w}`, label: `${w}` })),
  );
  expect(peerReliability(apart, options)).toBeUndefined();
});

test('the time grows with the answers, not with the square of the annotators', () => {
  // Each annotator answers three tasks, each task has three answers: as many pairs as annotators.
  const timed = (annotators: number) => {
    const rng = seededRng('many');
    const answers = Array.from({ length: annotators }, (_, t) =>
      [0, 1, 7].map((step) => {
        const label = rng.next() < 0.8 ? t % 3 : rng.int(3);
        return { taskId: `t${t}`, annotatorId: `w${(t + step) % annotators}`, label };
      }),
    ).flat();
    const similarity = (a: number, b: number) => (a === b ? 1 : 0);
    const begun = process.cpuUsage().user;
    expect(peerReliability(answers, { similarity, maxPairs: 1e6 })?.reliability.size).toBe(annotators);
    return process.cpuUsage().user - begun;
  };
  // The least of a few, of the processor’s time, as others use the machine, too.
  const least = (annotators: number) => Math.min(...[1, 2, 3, 4, 5].map(() => timed(annotators)));
  // Sixteen times the annotators; the square of that would be 256.
  expect(least(16_000) / least(1000)).toBeLessThan(100);
});

test('whatever is answered, reliabilities are numbers from 0 to 1', () => {
  const answer = fc.record({
    taskId: fc.constantFrom('a', 'b', 'c', 'd'),
    annotatorId: fc.constantFrom('u', 'v', 'w', 'x'),
    label: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 60 }), (answers) => {
      const similarity = (a: number, b: number) => 1 - Math.abs(a - b) / 3;
      const found = peerReliability(answers, { similarity, maxPairs: 1000 });
      for (const each of [...(found?.reliability.values() ?? []), found?.crowd ?? 0]) {
        expect(each).toBeGreaterThanOrEqual(0);
        expect(each).toBeLessThanOrEqual(1);
      }
    }),
  );
});

describe('scores', () => {
  const type = getTaskType('likert');
  const config = { min: 1, max: 7, criteria: [{ name: 'clear' }, { name: 'true' }] };
  const SHIFT = [1.5, -1.5, 0.5, -0.5, 0, 0];
  const rng = seededRng('scores');
  const answers: (PeerAnswer<Record<string, number>> & { truth: number })[] = [];
  for (let at = 0; at < 200; at++) {
    const truth = 2 + 4 * rng.next();
    for (const annotator of rng.shuffle([...SHIFT.keys()]).slice(0, 3)) {
      const score = () => {
        const noisy = truth + (SHIFT[annotator] ?? 0) + 0.6 * (rng.next() + rng.next() - 1);
        return Math.min(7, Math.max(1, Math.round(noisy)));
      };
      answers.push({ taskId: `t${at}`, annotatorId: `w${annotator}`, label: { clear: score(), true: score() }, truth });
    }
  }
  const leniency = leniencyOf(type, answers);
  const recordOf = (taskId: string) => {
    const own = answers.filter((answer) => answer.taskId === taskId);
    const record = decisionRecord({
      ...{ taskId, type: 'likert', policyVersion: 1, instructionsVersion: 1, config },
      votes: own.map(({ annotatorId, label }) => ({ annotationId: annotatorId, label, weight: 1 })),
      leniency: Object.fromEntries(own.map(({ annotatorId }) => [annotatorId, leniency.get(annotatorId) ?? {}])),
    });
    return { record, own };
  };

  test('each annotator’s leniency is found, and taken off decides nearer to the truth', () => {
    for (const [annotator, shift] of SHIFT.entries()) {
      const found = leniency.get(`w${annotator}`);
      expect(Math.abs((found?.clear ?? 9) - shift)).toBeLessThan(0.4);
    }
    let [plain, fair] = [0, 0];
    for (const taskId of new Set(answers.map((answer) => answer.taskId))) {
      const { record, own } = recordOf(taskId);
      const truth = own[0]?.truth ?? 0;
      const label = record.result.label as Record<string, number>;
      fair += Math.abs((label.clear ?? 0) - truth);
      plain += Math.abs(own.reduce((sum, each) => sum + (each.label.clear ?? 0), 0) / own.length - truth);
    }
    expect(fair).toBeLessThan(0.7 * plain);
  });

  test('such a decision says how, keeps what was said, and can be made again, also without one of them', () => {
    const { record, own } = recordOf('t0');
    expect(record.result.method).toBe('rater_model');
    const evidence = JSON.parse(record.json);
    expect(recomputes(evidence)).toBe(true);
    expect(evidence.votes.map((vote: { label: unknown }) => vote.label)).toEqual(
      own.toSorted((a, b) => (a.annotatorId < b.annotatorId ? -1 : 1)).map(({ label }) => label),
    );
    const less = withoutAnnotation(evidence, own[0]?.annotatorId ?? '');
    expect(less.after.n).toBe(2);
    expect(less.record.json).not.toContain(own[0]?.annotatorId);
  });

  test('types without scores have no leniency', () => {
    expect(leniencyOf(getTaskType('free_text'), [{ taskId: 'a', annotatorId: 'b', label: 'text' }]).size).toBe(0);
  });
});
