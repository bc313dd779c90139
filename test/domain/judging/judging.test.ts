import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isAudited, type JudgeTerms, judgeWeight, targetAlone, whyPeople } from '../../../domain/judging/alone.ts';
import { type AuditedAnswer, auditJudges, withoutReplaced } from '../../../domain/judging/audit.ts';
import { seededRng } from '../../../domain/rng.ts';
import { createCampaignSchema, resolveSettings } from '../../../domain/settings.ts';

const terms: JudgeTerms = { auditShare: 0.1, minAudited: 30, target: 0.9 };
const trusted = { trust: 'trusted' as const, ordersDisagree: false };

/**
 * Audited tasks, the newest first: each judge is right as often as `skill` says of the task's number, people 9 times in 10,
 * of whom there are two in any case.
 */
function audited(tasks: number, judges: Record<string, (task: number) => number>, people = 2): AuditedAnswer[] {
  return Array.from({ length: tasks }, (_, task) => {
    const rng = seededRng(`audited ${task}`);
    const answer = (annotatorId: string, isJudge: boolean, skill: number): AuditedAnswer => {
      const label = rng.next() < skill ? 'right' : 'wrong';
      return { taskId: `t${task}`, annotatorId, isJudge, paired: people > 1, label };
    };
    return [
      ...Object.entries(judges).map(([id, skill]) => answer(id, true, skill(task))),
      ...Array.from({ length: people }, (_, at) => answer(`p${at}`, false, 0.9)),
    ];
  }).flat();
}

describe('audits', () => {
  test('a judge is trusted once it has agreed with people often enough, and not before', () => {
    const trustAfter = (n: number) => auditJudges(audited(n, { good: () => 0.95 }), terms).map(({ trust }) => trust);
    expect(trustAfter(29)).toEqual(['learning']);
    expect(trustAfter(30)).toEqual(['trusted']);
  });

  test('one that agrees with people less than they do with one another is not', () => {
    const [bad] = auditJudges(audited(200, { bad: () => 0.5 }), terms);
    expect(bad).toMatchObject({ trust: 'distrusted', cause: 'worse' });
  });

  test('few audits suffice to know one that is far worse, and do not suffice to trust one that may be', () => {
    const trustOf = (skill: number) => auditJudges(audited(30, { it: () => skill }), terms)[0]?.trust;
    expect([0.4, 0.75, 0.9].map(trustOf)).toEqual(['distrusted', 'learning', 'trusted']);
  });

  test('whoever is as good as people is found worse in no more than one of forty campaigns, and trusted in most', () => {
    const trusts = Array.from({ length: 400 }, (_, campaign) => {
      const rng = seededRng(`campaign ${campaign}`);
      const answers = Array.from({ length: 100 }, (_, task) =>
        ['judge', 'p0', 'p1'].map((annotatorId) => {
          const label = rng.next() < 0.85 ? 'right' : 'wrong';
          return { taskId: `t${task}`, annotatorId, isJudge: annotatorId === 'judge', paired: true, label };
        }),
      ).flat();
      return auditJudges(answers, terms)[0]?.trust;
    });
    const share = (trust: string) => trusts.filter((each) => each === trust).length / trusts.length;
    // A fortieth and three standard errors; a fifth is told to wait, or less where odd ones out are few.
    expect(share('distrusted')).toBeLessThan(0.025 + 3 * Math.sqrt((0.025 * 0.975) / 400));
    expect(share('trusted')).toBeGreaterThan(0.7);
  });

  test('none is trusted before people could be compared with one another, be it a coin', () => {
    const [alone] = auditJudges(audited(500, { good: () => 0.95 }, 1), terms);
    expect(alone).toMatchObject({ trust: 'learning', agrees: { of: 500 }, people: { of: 0 } });
    const [coin] = auditJudges(audited(500, { coin: () => 0.5 }), terms);
    expect(coin?.trust).toBe('distrusted');
  });

  test('second people who are asked only where judge and first person differ say nothing of people', () => {
    // Half are asked of two people in any case; of the others a second one only where the judge is at odds with the first.
    const answers = audited(600, { weak: () => 0.72 }).flatMap((each) => {
      if (Number(each.taskId.slice(1)) % 2 === 0) return [each];
      return [{ ...each, paired: false }];
    });
    const labelOf = (taskId: string, annotatorId: string) =>
      answers.find((each) => each.taskId === taskId && each.annotatorId === annotatorId)?.label;
    const asked = answers.filter(
      ({ taskId, annotatorId, paired }) =>
        paired || annotatorId !== 'p1' || labelOf(taskId, 'weak') !== labelOf(taskId, 'p0'),
    );
    const [weak] = auditJudges(asked, terms);
    expect(weak).toMatchObject({ trust: 'distrusted', agrees: { of: 600 }, people: { of: 300 } });
  });

  test('one that has fallen is not trusted any more, though it agrees well on the whole', () => {
    const [fallen] = auditJudges(audited(400, { fallen: (task) => (task < 70 ? 0.4 : 0.97) }), terms);
    expect(fallen).toMatchObject({ trust: 'distrusted', cause: 'fell' });
    expect((fallen?.agrees.same ?? 0) / 400).toBeGreaterThan(0.75);
    // The newest ten are of the next look.
    expect([40, 70]).toContain(fallen?.recent.of);
    expect(fallen?.fellFrom).toBe(`t${(fallen?.recent.of ?? 0) - 1}`);
  });

  test('a fall is looked for at the same audits, however many of the first are left out', () => {
    const all = audited(415, { fallen: (task) => (task < 90 ? 0.4 : 0.97) });
    const cut = all.filter(({ taskId }) => Number(taskId.slice(1)) < 400);
    const [whole] = auditJudges(all, terms);
    const [newest] = auditJudges(cut, { ...terms, earlier: new Map([['fallen', 15]]) });
    expect(whole).toMatchObject({ cause: 'fell' });
    expect(newest?.fellFrom).toBe(whole?.fellFrom);
    expect(auditJudges(cut, terms)[0]?.fellFrom).not.toBe(whole?.fellFrom);
  });

  test('where people get worse and not the judge, it has not fallen', () => {
    const careless = audited(400, { same: () => 0.9 }).map((each, at) =>
      each.annotatorId === 'p0' && at < 90 ? { ...each, label: at % 2 === 0 ? 'right' : 'wrong' } : each,
    );
    expect(auditJudges(careless, terms)[0]).toMatchObject({ trust: 'trusted' });
  });

  /** Audits of a judge and two people, the newest first. */
  function drawn(seed: string, tasks: number, skillAt: (task: number) => number, people: number): AuditedAnswer[][] {
    const rng = seededRng(seed);
    return Array.from({ length: tasks }, (_, task) =>
      ['judge', 'p0', 'p1'].map((annotatorId) => {
        const label = rng.next() < (annotatorId === 'judge' ? skillAt(task) : people) ? 'right' : 'wrong';
        return { taskId: `t${task}`, annotatorId, isJudge: annotatorId === 'judge', paired: true, label };
      }),
    ).reverse();
  }

  /** When a judge is first distrusted, measured each time that some more audits are there. */
  function found(...drawing: Parameters<typeof drawn>): { cause: string | undefined; task: number } | undefined {
    const all = drawn(...drawing);
    for (let task = 50; task <= all.length; task += 50) {
      const [audit] = auditJudges(all.slice(all.length - task).flat(), { minAudited: 50 });
      if (audit?.trust === 'distrusted') return { cause: audit.cause, task };
    }
    return undefined;
  }

  test('a judge that stays as good as it is, is hardly ever distrusted, however often it is measured', () => {
    const skills = [
      [0.8, 0.8],
      [0.85, 0.8],
      [0.9, 0.8],
      [0.95, 0.9],
    ] as const;
    const runs = Array.from({ length: 200 }, (_, run) => {
      const [skill, people] = skills[run % 4] ?? [0.8, 0.8];
      return found(`constant ${run}`, 1000, () => skill, people);
    });
    expect(runs.filter((run) => run !== undefined).length).toBeLessThan(10);
  });

  test('one that falls is found soon', () => {
    const runs = Array.from({ length: 20 }, (_, run) => {
      return found(`falling ${run}`, 900, (task) => (task < 400 ? 0.9 : 0.7), 0.9);
    });
    expect(runs.filter((run) => run && run.task > 400 && run.task <= 800).length).toBeGreaterThanOrEqual(18);
  });

  test('one that may have fallen is unknown until more audits tell, and hardly one that has not', () => {
    const trusted = (falls: boolean) =>
      Array.from({ length: 60 }, (_, run) => {
        const drawing = drawn(`perhaps ${run}`, 800, (task) => (falls && task >= 400 ? 0.7 : 0.9), 0.8);
        return auditJudges(drawing.flat(), { minAudited: 50 })[0]?.trust;
      }).filter((trust) => trust === 'trusted').length;
    expect(trusted(true)).toBeLessThan(15);
    expect(trusted(false)).toBeGreaterThan(54);
  });

  test('one whose model has another version is distrusted for that, be it audited or not, unless it is for worse', () => {
    const audits = auditJudges(audited(200, { bad: () => 0.5, good: () => 0.95 }), terms);
    const now = withoutReplaced(audits, ['bad', 'good', 'never audited']);
    expect(now.map(({ annotatorId, trust, cause }) => [annotatorId, trust, cause])).toEqual([
      ['bad', 'distrusted', 'worse'],
      ['good', 'distrusted', 'replaced'],
      ['never audited', 'distrusted', 'replaced'],
    ]);
    expect(withoutReplaced(audits, [])).toEqual(audits);
  });

  test('copies are one voice, independent judges are not', () => {
    const answers = audited(300, { one: () => 0.8, other: () => 0.8 });
    const copied = answers.flatMap((each) =>
      each.annotatorId === 'one' ? [each, { ...each, annotatorId: 'copy' }] : [each],
    );
    const of = (id: string) =>
      auditJudges(copied, terms).find(({ annotatorId }) => annotatorId === id)?.correlation ?? 0;
    expect(of('copy')).toBeCloseTo(1, 9);
    // People's own errors are in it, so it is not 0.
    expect(of('other')).toBeLessThan(0.4);
    expect(
      auditJudges(audited(20, { one: () => 0.8, other: () => 0.8 }), terms).map((each) => each.correlation),
    ).toEqual([1, 1]);
  });
});

describe('deciding alone', () => {
  const task = { taskId: 'not-audited-2', seed: 's', measures: false, judges: [trusted], probability: 0.9 };

  test('is for trusted judges with a calibrated probability that reaches the target', () => {
    expect(isAudited(task, terms)).toBe(false);
    expect(whyPeople(task, terms)).toBeUndefined();
    expect(whyPeople({ ...task, probability: 0.89 }, terms)).toBe('below_target');
    expect(whyPeople({ ...task, probability: undefined }, terms)).toBe('below_target');
    expect(whyPeople({ ...task, judges: [] }, terms)).toBe('no_answer');
    const torn = { ...trusted, ordersDisagree: true };
    expect(whyPeople({ ...task, judges: [torn, torn] }, terms)).toBe('orders_disagree');
    expect(whyPeople({ ...task, judges: [trusted, torn] }, terms)).toBeUndefined();
    const fallen = { ...trusted, trust: 'distrusted' as const };
    expect(whyPeople({ ...task, judges: [fallen] }, terms)).toBe('distrusted');
    expect(whyPeople({ ...task, judges: [torn, fallen] }, terms)).toBe('orders_disagree');
    expect(whyPeople({ ...task, judges: [trusted, fallen] }, terms)).toBeUndefined();
    const unknown = { ...trusted, trust: 'learning' as const };
    expect(whyPeople({ ...task, judges: [unknown] }, terms)).toBe('learning');
    expect(whyPeople({ ...task, judges: [unknown, fallen] }, terms)).toBe('learning');
    // One that is still measured holds up none that is trusted.
    expect(whyPeople({ ...task, judges: [trusted, unknown] }, terms)).toBeUndefined();
    expect(whyPeople({ ...task, judges: [torn, unknown] }, terms)).toBe('orders_disagree');
  });

  test('is not for what the model of the campaign is measured by', () => {
    expect(whyPeople({ ...task, measures: true }, terms)).toBe('audit');
    expect(whyPeople({ ...task, measures: true, judges: [] }, terms)).toBe('no_answer');
  });

  test('the audit sample is the stated share, and does not depend on what was answered', () => {
    const ids = Array.from({ length: 5000 }, (_, at) => `task-${at}`);
    const sampled = ids.filter((taskId) => isAudited({ seed: 's', taskId }, terms));
    expect(sampled.length / ids.length).toBeCloseTo(0.1, 1);
    fc.assert(
      fc.property(
        fc.constantFrom(...sampled),
        fc.boolean(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (taskId, ordersDisagree, probability) => {
          const judges = [{ ...trusted, ordersDisagree }];
          expect(whyPeople({ taskId, seed: 's', measures: false, judges, probability }, terms)).toBe('audit');
        },
      ),
    );
  });

  test('n copies count as one answer, and whatever the correlation n judges never as less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, correlation) => {
        const together = n * judgeWeight({ trust: 'trusted', correlation }, n);
        expect(together).toBeGreaterThanOrEqual(1 - 1e-9);
        expect(together).toBeLessThanOrEqual(n + 1e-9);
        expect(n * judgeWeight({ trust: 'trusted', correlation: 1 }, n)).toBeCloseTo(1, 9);
        const full = judgeWeight({ trust: 'trusted', correlation }, n);
        expect(judgeWeight({ trust: 'distrusted', correlation }, n)).toBeLessThan(full);
        // A verdict that changes with the order of a pair says little, whoever gave it.
        expect(judgeWeight({ trust: 'trusted', correlation, ordersDisagree: true }, n)).toBeLessThan(full / 2);
      }),
    );
  });
});

describe('how sure judges alone must be', () => {
  const resolve = (judge: { target?: number }, more: { minConfidence?: number; redundancyPolicy?: 'adaptive' } = {}) =>
    resolveSettings(
      createCampaignSchema.parse({
        ...{ type: 'classification', config: { labels: ['a', 'b'] }, budgetUsd: '1', redundancy: 3 },
        ...{ workforces: ['llm', 'internal'], judge, ...more },
      }),
    ).settings;

  test('never less than people together: another campaign is refused, and one that was stored goes by the higher of both', () => {
    expect(resolve({ target: 0.8 }).judge?.target).toBe(0.8);
    expect(() => resolve({ target: 0.8 }, { redundancyPolicy: 'adaptive' })).toThrow(
      /judge\.target is 0\.8, below minConfidence, 0\.95/,
    );
    expect(resolve({}, { redundancyPolicy: 'adaptive' }).judge?.target).toBe(0.95);
    expect(resolve({ target: 0.7 }, { redundancyPolicy: 'adaptive', minConfidence: 0.7 }).judge?.target).toBe(0.7);
    expect([targetAlone({ target: 0.7 }, 0.95), targetAlone({ target: 0.97 }, 0.95)]).toEqual([0.95, 0.97]);
  });
});
