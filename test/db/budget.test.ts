import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTaskActivities } from '../../activities/tasks.ts';
import { type Db, sqlState, violatedConstraint } from '../../db/client.ts';
import { giveBonus } from '../../db/queries/adjustments.ts';
import { expireAuthorizations, extendAuthorization } from '../../db/queries/authorizations.ts';
import { verifyBooks } from '../../db/queries/books.ts';
import {
  type BudgetWarning,
  organisationWarnings,
  recordWarnings,
  warningsOf,
} from '../../db/queries/budget-warnings.ts';
import { countViolations } from '../../db/queries/invariants.ts';
import { limitsOf, paceOf, setLimits, setOrganisationCap } from '../../db/queries/limits.ts';
import { budgetOf, setCap } from '../../db/queries/money.ts';
import { escalate, openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { QuorateError } from '../../domain/failures.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { answer, newAnnotator, plan, type Scene, scene } from '../workers/stage.ts';

let database: TestDatabase;
let db: Db;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.drop());

const activities = () => createTaskActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
const extend = (made: Scene, taskId: string, amountMicros: bigint, key: string = uuidv7(), hedge = false) =>
  db.begin((tx) => extendAuthorization(tx, { campaignId: made.campaignId, taskId, amountMicros, key, hedge }));

/** As if all that was set aside so far had been a day before. */
async function nextDay(campaignId: string): Promise<void> {
  await db`update budgets set pace_day = pace_day - 1 where campaign_id = ${campaignId}`;
  await db`update authorizations set created_at = created_at - interval '1 day' where campaign_id = ${campaignId}`;
}

/** What every commit must leave true: caps, books, and limits that are what they add up. */
async function expectSound(campaignId: string): Promise<void> {
  const { outbox_drained: _, ...violations } = await countViolations(db, campaignId);
  expect(Object.entries(violations).filter(([, count]) => count > 0)).toEqual([]);
  const wrong = await db`
    select scope, name, drawn_micros, cap_micros from budget_limits l
    where drawn_micros > cap_micros or drawn_micros <> case scope
      when 'organisation' then (select sum(reserved_micros + spent_micros) from budgets)
      when 'hedge' then (select sum(hedge_micros) from authorizations a where a.campaign_id = l.campaign_id)
      else (select coalesce(sum(amount_micros - released_micros), 0) from authorizations a
        where a.campaign_id = l.campaign_id and a.workforce = l.name) end`;
  expect([...wrong], 'limits whose count is not what they add up').toEqual([]);
}

type Act =
  | { do: 'plan'; count: number; round: number }
  | { do: 'extend' | 'hedge' | 'crash'; task: number; cents: number; key: number }
  | { do: 'answer'; task: number; by: number }
  | { do: 'settle' | 'move'; task: number }
  | { do: 'cap' | 'organisation' | 'workforce' | 'pace'; cents: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('plan' as const),
      count: fc.integer({ min: 1, max: 3 }),
      round: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('extend' as const, 'hedge' as const, 'crash' as const),
      task: fc.nat(9),
      cents: fc.integer({ min: 1, max: 90 }),
      key: fc.nat(20),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const), task: fc.nat(9), by: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('settle' as const, 'settle' as const, 'move' as const),
      task: fc.nat(9),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('cap' as const, 'organisation' as const, 'workforce' as const, 'pace' as const),
      cents: fc.integer({ min: 30, max: 600 }),
    }),
  },
);

/** What may be refused without anything being wrong: no room, a repeat, a task that has no slot for one. */
function isRefusal(error: unknown): boolean {
  if (error instanceof QuorateError) return error.code === 'budget_below_spent';
  if (sqlState(error) === '23505') return violatedConstraint(error) === 'ledger_key';
  if (sqlState(error) === '23514') return violatedConstraint(error) === 'budget_limits_within_cap';
  return error instanceof Error && /has no open slot|was not taken|the process died/.test(error.message);
}

async function perform(made: Scene, tasks: string[], step: Act): Promise<void> {
  const { campaignId } = made;
  const taskId = 'task' in step ? (tasks[step.task % Math.max(1, tasks.length)] ?? uuidv7()) : '';
  switch (step.do) {
    case 'plan':
      for (const id of await plan(db, made, step.count, step.round)) {
        if (!tasks.includes(id)) tasks.push(id);
        await openSlots(db, id);
      }
      return;
    case 'extend':
    case 'hedge':
      await extend(made, taskId, BigInt(step.cents) * 10_000n, `${campaignId}:${step.key}`, step.do === 'hedge');
      return;
    case 'crash':
      await db.begin(async (tx) => {
        const extension = { campaignId, taskId, amountMicros: BigInt(step.cents) * 10_000n, key: uuidv7() };
        await extendAuthorization(tx, extension);
        throw new Error('the process died');
      });
      return;
    case 'answer':
      await answer(db, { taskId, annotatorId: made.annotators[step.by] ?? '' });
      return;
    case 'settle':
      if (tasks.includes(taskId)) await activities().closeTask({ taskId, outcome: 'unresolved', log: [] });
      return;
    case 'move': {
      const next = { step: 'next_workforce' } as const;
      await escalate(db, { taskId, step: next, number: 0, workforces: ['internal', 'abroad'] });
      return;
    }
    case 'cap':
      return setCap(db, { campaignId, capMicros: BigInt(step.cents) * 10_000n });
    case 'organisation':
      return setOrganisationCap(db, DEFAULT_ORGANISATION, BigInt(step.cents) * 10_000n);
    case 'workforce':
      return setLimits(db, campaignId, { workforces: { internal: BigInt(step.cents) * 10_000n, abroad: 600_000n } });
    case 'pace':
      return setLimits(db, campaignId, { paceMicros: BigInt(step.cents) * 10_000n });
  }
}

describe('any interleaving of reserving, committing, voiding, changed caps, crashes and repeats', () => {
  it('keeps every cap and the books after every step', { timeout: 240_000 }, async () => {
    const waves = fc.array(fc.array(act, { minLength: 2, maxLength: 10 }), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(waves, async (plays) => {
        await setOrganisationCap(db, DEFAULT_ORGANISATION, null);
        const made = await scene(db, { items: 30, settings: { budgetUsd: '4' } });
        await setLimits(db, made.campaignId, { hedgeMicros: 1_000_000n });
        const tasks: string[] = [];
        for (const wave of plays) {
          // All at once: a step meets the others wherever the database lets it.
          const done = await Promise.allSettled(wave.map((step) => perform(made, tasks, step)));
          const failed = done.flatMap((each) =>
            each.status === 'rejected' && !isRefusal(each.reason) ? [each.reason] : [],
          );
          expect(failed).toEqual([]);
          await expectSound(made.campaignId);
          // All of it is of today.
          const [day] = await db`
            select reserved_micros + spent_micros - case when pace_day is null then 0 else pace_used_micros end as other
            from budgets where campaign_id = ${made.campaignId}`;
          expect(day).toEqual({ other: 0n });
        }
      }),
      // Real concurrency does not repeat itself, so that shrinking would only take long.
      { numRuns: 15, endOnFailure: true },
    );
    await setOrganisationCap(db, DEFAULT_ORGANISATION, null);
    expect(await verifyBooks(db)).toMatchObject({ holds: true });
  });

  it('a hundred at once on one campaign use all of the room and no more', async () => {
    const made = await scene(db, { items: 1, settings: { budgetUsd: '2' } });
    const [taskId = ''] = await plan(db, made, 1);
    // 0.30 are reserved for the task; 34 times 0.05 is what fits in the rest.
    const asked = await Promise.all(Array.from({ length: 100 }, () => extend(made, taskId, 50_000n)));
    expect(asked.filter(Boolean)).toHaveLength(34);
    expect(await budgetOf(db, made.campaignId)).toMatchObject({ reservedMicros: 2_000_000n });
    await expectSound(made.campaignId);
  });
});

describe('limits', () => {
  it('of a workforce and of hedges bound what is reserved for them, and hold at once', async () => {
    const made = await scene(db, { items: 10 });
    await setLimits(db, made.campaignId, { workforces: { internal: 700_000n }, hedgeMicros: 100_000n });
    const tasks = await plan(db, made, 10);
    expect(tasks).toHaveLength(2);
    const [taskId = ''] = tasks;
    expect(await extend(made, taskId, 100_001n, uuidv7(), true)).toBe(false);
    expect(await extend(made, taskId, 100_000n, uuidv7(), true)).toBe(true);
    expect(await extend(made, taskId, 1n)).toBe(false);
    expect(await limitsOf(db, made.campaignId)).toEqual([
      { scope: 'hedge', name: '', capMicros: 100_000n, drawnMicros: 100_000n },
      { scope: 'workforce', name: 'internal', capMicros: 700_000n, drawnMicros: 700_000n },
    ]);
    await expect(setLimits(db, made.campaignId, { workforces: { internal: 600_000n } })).rejects.toThrow(
      'The cap is $0.60, but $0.70 are spent or reserved',
    );
    await setLimits(db, made.campaignId, { workforces: { internal: null } });
    expect(await plan(db, made, 10, 2)).toHaveLength(8);
    await expectSound(made.campaignId);
  });

  it('a task moves to another workforce with its money, where that has room', async () => {
    const made = await scene(db, { items: 2 });
    const [first = '', second = ''] = await plan(db, made, 2);
    await setLimits(db, made.campaignId, { workforces: { internal: 1_000_000n, abroad: 300_000n } });
    const move = (taskId: string) =>
      escalate(db, { taskId, step: { step: 'next_workforce' }, number: 0, workforces: ['internal', 'abroad'] });
    expect(await move(first)).toEqual({});
    expect(await move(second)).toEqual({ refused: 'The cap of the workforce abroad has no room.' });
    expect((await limitsOf(db, made.campaignId)).map(({ name, drawnMicros }) => [name, drawnMicros])).toEqual([
      ['abroad', 300_000n],
      ['internal', 300_000n],
    ]);
    await expectSound(made.campaignId);
  });

  it('of an organisation bound each of its campaigns', async () => {
    const [one, two] = [await scene(db, { items: 5 }), await scene(db, { items: 5 })];
    const [{ drawn } = { drawn: 0n }] = await db<{ drawn: bigint }[]>`
      select sum(reserved_micros + spent_micros)::bigint as drawn from budgets`;
    await setOrganisationCap(db, DEFAULT_ORGANISATION, drawn + 1_000_000n);
    const counts = await Promise.all([plan(db, one, 5), plan(db, two, 5)]);
    expect(counts.flat()).toHaveLength(3);
    await expect(setOrganisationCap(db, DEFAULT_ORGANISATION, drawn)).rejects.toMatchObject({
      code: 'budget_below_spent',
    });
    await setOrganisationCap(db, DEFAULT_ORGANISATION, null);
    expect(await plan(db, one, 5, 2)).not.toHaveLength(0);
    await expectSound(one.campaignId);
  });

  it('of a day get no room by what is released of the day before, whichever comes first', async () => {
    const made = await scene(db, { items: 10 });
    await setLimits(db, made.campaignId, { paceMicros: 700_000n });
    const [first = ''] = await plan(db, made, 10);
    const used = async () => (await paceOf(db, made.campaignId))?.usedMicros;
    await nextDay(made.campaignId);
    expect(await used()).toBe(0n);
    const bonus = { campaignId: made.campaignId, annotatorId: made.annotators[0] ?? '', reason: 'Thanks.', by: 'ada' };
    await giveBonus(db, { ...bonus, amountMicros: 50_000n });
    await activities().closeTask({ taskId: first, outcome: 'unresolved', log: [] });
    expect(await used()).toBe(50_000n);
    const [own = '', ...others] = await plan(db, made, 10, 2);
    expect([others.length, await used()]).toEqual([1, 650_000n]);
    // What is released of today makes room again.
    await activities().closeTask({ taskId: own, outcome: 'unresolved', log: [] });
    expect(await used()).toBe(350_000n);
    expect(await plan(db, made, 10, 3)).toHaveLength(1);
    // And where nothing was reserved since midnight nothing is left below nothing.
    await nextDay(made.campaignId);
    for (const taskId of others) await activities().closeTask({ taskId, outcome: 'unresolved', log: [] });
    expect(await used()).toBe(0n);
    await expectSound(made.campaignId);
  });

  it('of a day begin anew with the next day', async () => {
    const made = await scene(db, { items: 10 });
    await setLimits(db, made.campaignId, { paceMicros: 700_000n });
    expect(await plan(db, made, 10)).toHaveLength(2);
    expect(await plan(db, made, 10, 2)).toHaveLength(0);
    expect(await paceOf(db, made.campaignId)).toEqual({ paceMicros: 700_000n, usedMicros: 600_000n });
    await nextDay(made.campaignId);
    expect(await plan(db, made, 10, 3)).toHaveLength(2);
    // What is spent before the day's first reservation is of the day, too.
    await nextDay(made.campaignId);
    const bonus = {
      campaignId: made.campaignId,
      annotatorId: made.annotators[0] ?? '',
      reason: 'Well done.',
      by: 'ada',
    };
    await giveBonus(db, { ...bonus, amountMicros: 500_000n });
    expect(await paceOf(db, made.campaignId)).toEqual({ paceMicros: 700_000n, usedMicros: 500_000n });
    await setLimits(db, made.campaignId, { paceMicros: null });
    expect(await plan(db, made, 10, 4)).toHaveLength(6);
    await expectSound(made.campaignId);
  });
});

describe('authorizations', () => {
  it('that were forgotten are released when they expire: of ended tasks, and of tasks that never came to be', async () => {
    const made = await scene(db, { items: 1 });
    const [taskId = ''] = await plan(db, made, 1);
    await db`insert into authorizations (id, campaign_id, task_id, amount_micros, expires_at)
      values (gen_random_uuid(), ${made.campaignId}, ${uuidv7()}, 0, now() - interval '1 second')`;
    const [ghost] = await db<{ taskId: string }[]>`
      select task_id as "taskId" from authorizations where campaign_id = ${made.campaignId} and amount_micros = 0 and task_id is not null`;
    await extend(made, ghost?.taskId ?? '', 200_000n);
    await db`update authorizations set expires_at = now() - interval '1 second' where task_id = ${taskId}`;
    await expireAuthorizations(db, 100);
    // The task is open still: its money stays.
    expect(await budgetOf(db, made.campaignId)).toMatchObject({ reservedMicros: 300_000n });
    await expectSound(made.campaignId);
  });
});

describe('warnings', () => {
  it('are recorded once for each share of a cap, and again when the cap was raised', async () => {
    const made = await scene(db, { items: 1, settings: { budgetUsd: '0.40' } });
    const [taskId = ''] = await plan(db, made, 1);
    await openSlots(db, taskId);
    for (let i = 0; i < 2; i++) await answer(db, { taskId, annotatorId: await newAnnotator(db) });
    const news = async () =>
      (await recordWarnings(db))
        .filter((each) => each.campaignId === made.campaignId)
        .map(({ reachedBy, percent }) => `${reachedBy} ${percent}`)
        .toSorted();
    expect(await news()).toEqual(['committed 50']);
    await activities().closeTask({ taskId, outcome: 'unresolved', log: [] });
    expect(await news()).toEqual(['spent 50']);
    expect(await news()).toEqual([]);
    // To the micro-dollar: 80% of 0.25 are spent, and of what is one more they are not.
    await setCap(db, { campaignId: made.campaignId, capMicros: 250_001n });
    expect(await news()).toEqual(['committed 50', 'spent 50']);
    await setCap(db, { campaignId: made.campaignId, capMicros: 250_000n });
    expect(await news()).toEqual(['committed 50', 'committed 80', 'spent 50', 'spent 80']);
    expect((await warningsOf(db, made.campaignId)).map(({ capMicros }) => capMicros)).toEqual([
      ...[400_000n, 400_000n, 250_001n, 250_001n, 250_000n, 250_000n, 250_000n, 250_000n],
    ]);
  });

  it('are of the caps of a workforce, of hedges and of an organisation, too', async () => {
    const made = await scene(db, { items: 2 });
    const [taskId = ''] = await plan(db, made, 1);
    await extend(made, taskId, 90_000n, undefined, true);
    const [{ drawn } = { drawn: 0n }] = await db<{ drawn: bigint }[]>`
      select sum(reserved_micros + spent_micros)::bigint as drawn from budgets`;
    await setLimits(db, made.campaignId, { hedgeMicros: 100_000n, workforces: { internal: 480_000n } });
    await setOrganisationCap(db, DEFAULT_ORGANISATION, drawn * 2n);
    await recordWarnings(db);
    const of = (warnings: readonly BudgetWarning[]) =>
      warnings.map(({ scope, name, percent, reachedMicros }) => [scope, name, percent, reachedMicros]);
    expect(of(await warningsOf(db, made.campaignId))).toEqual([
      ['hedge', '', 50, 90_000n],
      ['hedge', '', 80, 90_000n],
      ['workforce', 'internal', 50, 390_000n],
      ['workforce', 'internal', 80, 390_000n],
    ]);
    expect(of(await organisationWarnings(db, DEFAULT_ORGANISATION))).toEqual([
      ['organisation', DEFAULT_ORGANISATION, 50, drawn],
    ]);
    await setOrganisationCap(db, DEFAULT_ORGANISATION, null);
  });
});
