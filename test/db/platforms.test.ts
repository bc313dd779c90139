import { afterAll, expect, it } from 'vitest';
import { platformAnswers, platformTotals, spentUnanswered } from '../../db/queries/platforms.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { platformFigures } from '../../domain/quality/platforms.ts';
import { getTaskType } from '../../domain/tasks/index.ts';
import { createTestDatabase } from '../support/database.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

it('people, a vendor and a judge are measured by what they answered in the campaign', async () => {
  const made = await stage.scene(db, {
    ...{ items: 4, gold: 2 },
    settings: {
      ...{ workforces: ['surge_ai', 'llm', 'internal'], redundancy: 2, goldRatio: 0.5 },
      vendors: { surge_ai: { priceUsd: '0.20' } },
    },
  });
  const { campaignId, settings } = made;
  await stage.openGolds(db, made, 2_000_000n);
  const taskIds = await stage.plan(db, made, 4);
  await openSlots(db, ...taskIds);
  await dispatchUnits(db, { gatherMs: 0 });
  const units = await db<{ id: string; taskId: string; orderId: string; kind: string; known: string | null }[]>`
    select u.id, u.task_id as "taskId", u.order_id as "orderId", t.kind, g.label #>> '{}' as known
    from vendor_units u join tasks t on t.id = u.task_id left join gold_answers g on g.item_id = t.item_id
    where u.campaign_id = ${campaignId} order by t.kind, t.id`;
  const arrives = (
    at: number,
    workerId: string,
    label: string,
    more: { vendor?: string; priceMicros?: bigint } = {},
  ) => {
    const { id: unitId, taskId, orderId } = units[at] ?? { id: '', taskId: '', orderId: '' };
    return ingest(db, {
      ...{ orderId, unitId, taskId, campaignId, vendor: 'surge_ai' },
      ...{ responseKey: workerId, workerId: `${workerId} ${campaignId}`, answers: {}, hash: workerId },
      ...{ read: { label, presentation: null }, timeSpentS: 5, costMicros: null, priceMicros: 200_000n, ...more },
    });
  };
  const golds = units.flatMap(({ kind, known }, at) => (kind === 'gold' ? [{ at, known: known ?? '' }] : []));
  const work = units.flatMap(({ kind }, at) => (kind === 'work' ? [at] : []));
  expect([golds.length, work.length]).toEqual([2, 4]);
  // Two of the vendor's workers agree on three tasks of four; one gold is right, the other not.
  for (const [n, at] of work.slice(0, 3).entries()) {
    await arrives(at, 'one', n === 2 ? 'ham' : 'spam');
    await arrives(at, 'two', 'spam');
  }
  for (const [n, { at, known }] of golds.entries()) {
    await arrives(at, 'one', n === 0 ? known : (stage.LABELS.find((label) => label !== known) ?? ''));
  }
  expect(await arrives(work[3] ?? 0, 'judge', 'spam', { vendor: 'llm', priceMicros: 1000n })).toBe('counted');
  const last = units[work[3] ?? 0]?.taskId ?? '';
  await db`update tasks set workforce = 'internal' where id = ${last}`;
  await db`update slots set workforce = 'internal' where task_id = ${last}`;
  await stage.answer(db, { taskId: last, annotatorId: made.annotators[0] ?? '', label: 'spam' });

  // All are paid but one of the vendor's, and a person's that waits for its task.
  await db`
    update annotations n set pay_state = 'paid' from annotators a
    where a.id = n.annotator_id and a.workforce <> 'internal' and n.campaign_id = ${campaignId}`;
  await db`
    update annotations set pay_state = 'unpaid_by_policy' where id = (
      select n.id from annotations n join annotators a on a.id = n.annotator_id and a.workforce = 'surge_ai'
      where n.campaign_id = ${campaignId} limit 1)`;
  const totals = await platformTotals(db, campaignId);
  const answers = await platformAnswers(db, { campaignId, workforces: settings.workforces, limit: 100 });
  const unanswered = await spentUnanswered(db, campaignId);
  expect(unanswered.size).toBe(0);
  const type = getTaskType(settings.type);
  const of = (platform: string, unansweredMicros = 0n) => {
    const own = answers.filter((each) => each.platform === platform);
    const measured = own.map(({ taskKind, ...each }) => ({ ...each, isWork: taskKind === 'work' }));
    const all = totals.get(platform);
    if (!all) throw new Error(`Nothing is counted of ${platform}.`);
    return platformFigures(type, settings.config, measured, { all: { ...all, unansweredMicros }, seed: 's' });
  };
  const vendor = of('surge_ai');
  expect(vendor).toMatchObject({
    ...{ annotators: 2, answers: 8, spentMicros: 1_400_000n, answerMicros: 175_000n, goldShare: 0.25 },
    ...{ accuracy: { correct: 1, total: 2 }, workSeconds: { p50: 5, p90: 5 }, agreement: { tasks: 3 } },
  });
  expect(vendor.agreement?.alpha).toBeLessThan(1);
  expect(vendor.secondsToAnswer.p90).toBeGreaterThan(0);
  // Of the judge there is no gold; what it cost without an answer is part of what one costs.
  expect(of('llm', 500n)).toMatchObject({
    annotators: 1,
    answers: 1,
    spentMicros: 1500n,
    accuracy: null,
    agreement: null,
  });
  expect(of('internal')).toMatchObject({ annotators: 1, answers: 1, spentMicros: 0n, accuracy: null });

  // A window is of quality and times alone.
  answers.splice(
    0,
    answers.length,
    ...(await platformAnswers(db, { campaignId, workforces: settings.workforces, limit: 1 })),
  );
  expect(of('surge_ai')).toMatchObject({ annotators: 2, answers: 8, spentMicros: 1_400_000n });
});
