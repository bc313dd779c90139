import { v7 as uuidv7 } from 'uuid';
import { afterAll, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { annotationsToAssess, storeSubmissions, storeTimed } from '../../db/queries/annotations.ts';
import { changeRules } from '../../db/queries/campaigns.ts';
import { leaseLapsed } from '../../db/queries/lapsed-leases.ts';
import { expireLeases, leaseGold } from '../../db/queries/leases.ts';
import { believedS, setPayFloors } from '../../db/queries/pay-floors.ts';
import { openSlots } from '../../db/queries/tasks.ts';
import { DEFAULT_ORGANISATION } from '../../db/schema/organisations.ts';
import { formatUsd, leastMicros, mostMicros } from '../../domain/money.ts';
import { seededRng } from '../../domain/rng.ts';
import { createCampaignSchema, resolveSettings } from '../../domain/settings.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import * as stage from '../workers/stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const MINUTE_S = 60;
const hourly = { hourlyUsd: '36', priceUsd: '1' };

/** Times are kept to the millisecond: what follows another thing within it would count as before it. */
async function nextMillisecond(): Promise<void> {
  const now = async () => {
    const [row] = await db<{ ms: number }[]>`select floor(extract(epoch from clock_timestamp()) * 1000)::float8 as ms`;
    return row?.ms ?? 0;
  };
  const before = await now();
  await until('a millisecond has passed', async () => (await now()) > before);
}

/** A lease that was given so many seconds ago, answered after what its annotator says it took. */
async function answerAfter(lease: { assignmentId: string; annotatorId: string; sinceS: number; saysS: number }) {
  const { assignmentId, annotatorId } = lease;
  await db`update assignments set leased_at = now() - ${lease.sinceS} * interval '1 second' where id = ${assignmentId}`;
  const given = {
    annotationId: uuidv7(),
    assignmentId,
    annotatorId,
    label: 'spam',
    presentation: null,
    confidence: null,
  };
  await storeSubmissions(db, [{ ...given, timeSpentS: lease.saysS }]);
  const [stored] = await db<{ micros: bigint }[]>`
    select price_micros as micros from annotations where id = ${given.annotationId}`;
  return { annotationId: given.annotationId, micros: stored?.micros };
}

it('an answer earns its time, no more of it than has gone by, at most its price, and at least the floor of its region', async () => {
  const made = await stage.scene(db, { annotators: 5, settings: { ...hourly, redundancy: 5 } });
  await setPayFloors(
    db,
    DEFAULT_ORGANISATION,
    new Map([
      ['CH', 72_000_000n],
      ['', 18_000_000n],
    ]),
  );
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  const [, , , , swiss = ''] = made.annotators;
  await db`update annotators set region = 'CH' where id = ${swiss}`;
  const paid: (bigint | undefined)[] = [];
  for (const [at, times] of [
    { sinceS: 20, saysS: 10 },
    { sinceS: 20, saysS: 0 },
    { sinceS: 20, saysS: 10 * MINUTE_S },
    { sinceS: 10 * MINUTE_S, saysS: 10 * MINUTE_S },
    { sinceS: 20, saysS: 10 },
  ].entries()) {
    const annotatorId = made.annotators[at] ?? '';
    const held = await stage.lease(db, { taskId, annotatorId });
    paid.push((await answerAfter({ assignmentId: held?.assignmentId ?? '', annotatorId, ...times })).micros);
  }
  // 36 an hour is a cent a second.
  expect([paid[0], paid[1], paid[3], paid[4]]).toEqual([100_000n, 0n, 1_000_000n, 200_000n]);
  // The 20 seconds since the lease, and what the test itself took.
  expect(paid[2]).toBeGreaterThanOrEqual(200_000n);
  expect(paid[2]).toBeLessThan(1_000_000n);
  const { decideTask } = createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  await decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
  const money = await stage.moneyOf(db, made.campaignId);
  expect([money.reserved, money.spent]).toEqual([0n, paid.reduce((sum, micros = 0n) => (sum ?? 0n) + micros, 0n)]);
  await stage.expectInvariants(db, made.campaignId);
});

it('a gold is paid by its time, too, and gives back what was held for more', async () => {
  const made = await stage.scene(db, { items: 0, gold: 2, settings: hourly });
  const { campaignId } = made;
  const [annotatorId = ''] = made.annotators;
  await stage.openGolds(db, made, 1_000_000n);
  const { gradeGold } = createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
  for (const saysS of [10, 0]) {
    const assignmentId = uuidv7();
    // There is money for one at a time: the second is had because the first gave back.
    await leaseGold(db, { assignmentId, annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0 });
    if (saysS === 10) await db`update authorizations set amount_micros = 1100000 where campaign_id = ${campaignId}`;
    const { annotationId } = await answerAfter({ assignmentId, annotatorId, sinceS: 20, saysS });
    await gradeGold({ annotatorId, annotationIds: [annotationId], goldTotal: 0, goldCorrect: 0 });
  }
  const [pot] = await db`
    select committed_micros, held_micros from authorizations where campaign_id = ${campaignId} and task_id is null`;
  expect(pot).toEqual({ committed_micros: 100_000n, held_micros: 0n });
});

it('a changed rate is for what is handed out from then on, and is another version of the settings', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const made = await stage.scene(db, { items: 1, annotators: 4, settings: { redundancy: 4, priceUsd: '1' } });
  const { campaignId } = made;
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  const leased = async (at: number) => {
    const annotatorId = made.annotators[at] ?? '';
    const held = await stage.lease(db, { taskId, annotatorId });
    return { assignmentId: held?.assignmentId ?? '', annotatorId };
  };
  const change = async (hourlyMicros: string | null) => {
    await nextMillisecond();
    await changeRules(db, { id: campaignId, rules: { hourlyMicros } });
  };
  const byAnswer = await leased(0);
  await change('36000000');
  const byHour = await leased(1);
  await change('18000000');
  const byLess = await leased(2);
  const earned = [];
  for (const { assignmentId, annotatorId } of [byAnswer, byHour, byLess]) {
    const annotationId = uuidv7();
    const given = { annotationId, assignmentId, annotatorId, label: 'spam', presentation: null, confidence: null };
    // A thousandth of a second, which surely has gone by since the lease.
    await storeSubmissions(db, [{ ...given, timeSpentS: 0.001 }]);
    const [stored] = await db<
      { micros: bigint }[]
    >`select price_micros as micros from annotations where id = ${annotationId}`;
    earned.push(stored?.micros);
  }
  expect(earned).toEqual([1_000_000n, 10n, 5n]);
  await change(null);
  const versions = await db<{ settings: { hourlyMicros?: string } }[]>`
    select settings from policies where campaign_id = ${campaignId} order by version`;
  expect(versions.map(({ settings }) => settings.hourlyMicros)).toEqual([undefined, '36000000', '18000000', undefined]);
  expect(versions.at(-1)?.settings).not.toHaveProperty('hourlyMicros');
});

it('whose campaign pays by the answer again is paid what was in hand by the rate it was handed out under', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const made = await stage.scene(db, { items: 1, annotators: 2, settings: { ...hourly, redundancy: 2 } });
  const { campaignId } = made;
  const [taskId = ''] = await stage.plan(db, made, 1);
  await openSlots(db, taskId);
  const [annotatorId = '', later = ''] = made.annotators;
  const held = await stage.lease(db, { taskId, annotatorId });
  // In the past the rate was another's: only what is later counts.
  await db`update policies set created_at = created_at - interval '1 hour' where campaign_id = ${campaignId}`;
  await nextMillisecond();
  await changeRules(db, { id: campaignId, rules: { hourlyMicros: null } });
  const inHand = await answerAfter({ assignmentId: held?.assignmentId ?? '', annotatorId, sinceS: 20, saysS: 3 });
  expect(inHand.micros).toBe(30_000n);
  await nextMillisecond();
  const leased = await stage.lease(db, { taskId, annotatorId: later });
  const answer = { annotationId: uuidv7(), assignmentId: leased?.assignmentId ?? '', annotatorId: later };
  await storeSubmissions(db, [{ ...answer, label: 'spam', presentation: null, confidence: null, timeSpentS: 3 }]);
  const [stored] = await db`select price_micros from annotations where id = ${answer.annotationId}`;
  expect(stored?.price_micros).toBe(1_000_000n);
});

/** Leases of one annotator to as many tasks, each so many seconds ago. */
async function leasedAgo(seconds: readonly number[]) {
  const made = await stage.scene(db, { items: seconds.length, annotators: 1, settings: { ...hourly, redundancy: 1 } });
  const [annotatorId = ''] = made.annotators;
  const taskIds = await stage.plan(db, made, seconds.length);
  const leases: { assignmentId: string; annotatorId: string; sinceS: number }[] = [];
  for (const [at, sinceS] of seconds.entries()) {
    await openSlots(db, taskIds[at] ?? '');
    const held = await stage.lease(db, { taskId: taskIds[at] ?? '', annotatorId });
    leases.push({ assignmentId: held?.assignmentId ?? '', annotatorId, sinceS });
  }
  return leases;
}

const sumOf = (all: readonly { micros: bigint | undefined }[]) =>
  all.reduce((sum, { micros = 0n }) => sum + micros, 0n);

it('the time of several leases is paid once, whether their answers come one by one or together', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const oneByOne = [];
  for (const lease of await leasedAgo([50, 50, 50, 50])) oneByOne.push(await answerAfter({ ...lease, saysS: 50 }));
  // 50 s at a cent a second, and what the test itself took.
  expect(sumOf(oneByOne)).toBeGreaterThanOrEqual(500_000n);
  expect(sumOf(oneByOne)).toBeLessThan(600_000n);

  const leases = await leasedAgo([50, 50, 50, 50]);
  const given = leases.map(({ assignmentId, annotatorId }) => {
    const label = { label: 'spam', presentation: null, confidence: null };
    return { annotationId: uuidv7(), assignmentId, annotatorId, timeSpentS: 50, ...label };
  });
  await db`update assignments set leased_at = now() - interval '50 seconds' where id in ${db(leases.map((each) => each.assignmentId))}`;
  await storeSubmissions(db, given);
  const together = await db<{ micros: bigint }[]>`
    select price_micros as micros from annotations where id in ${db(given.map((each) => each.annotationId))}`;
  expect(together).toHaveLength(4);
  expect(sumOf(together)).toBeGreaterThanOrEqual(500_000n);
  expect(sumOf(together)).toBeLessThan(600_000n);
});

it('the time of two leases is paid once, though two processes store their answers at once', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const leases = await leasedAgo([50, 50]);
  await db`update assignments set leased_at = now() - interval '50 seconds' where id in ${db(leases.map((each) => each.assignmentId))}`;
  const [first, second] = leases.map(({ assignmentId, annotatorId }) => {
    const label = { label: 'spam', presentation: null, confidence: null };
    return { annotationId: uuidv7(), assignmentId, annotatorId, timeSpentS: 50, ...label };
  });
  if (!first || !second) throw new Error('There are two leases.');
  // The first process is held up by the slot after it has begun.
  let both: Promise<unknown> | undefined;
  await db.begin(async (tx) => {
    await tx`select from slots s join assignments a using (task_id, slot_no) where a.id = ${first.assignmentId} for update of s`;
    const storing = storeTimed(db, [first]);
    const waiting = (event: string) => async () => {
      const rows = await db`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and wait_event = ${event}`;
      return rows.length > 0;
    };
    await until('the first waits', waiting('transactionid'));
    both = Promise.all([storing, storeTimed(db, [second])]);
    await until('the second waits for the first', waiting('advisory'));
  });
  await both;
  const paid = await db<{ micros: bigint }[]>`
    select price_micros as micros from annotations where id in ${db([first.annotationId, second.annotationId])}`;
  expect(paid).toHaveLength(2);
  expect(sumOf(paid)).toBeLessThan(900_000n);
});

it('whoever sends late what they did one after the other is paid for all of it', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const leases = await leasedAgo([100, 100, 100]);
  const paid = [];
  for (const [at, saysS] of [30, 25, 40].entries()) {
    const lease = leases[at];
    if (lease) paid.push((await answerAfter({ ...lease, saysS })).micros);
  }
  expect(paid).toEqual([300_000n, 250_000n, 400_000n]);
});

it('what comes late earns no more time after its lease than in it', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const paid = [];
  for (const saysS of [8000, 45]) {
    const [lease] = await leasedAgo([9000]);
    if (!lease) throw new Error('There is a lease.');
    await db`update assignments set expires_at = now() - interval '8970 seconds' where id = ${lease.assignmentId}`;
    await db`update tasks set price_micros = 5000000 where id = (select task_id from assignments where id = ${lease.assignmentId})`;
    await db`update assignments set price_micros = 5000000 where id = ${lease.assignmentId}`;
    expect(await expireLeases(db, 10)).toBe(1);
    paid.push(Number((await answerAfter({ ...lease, saysS })).micros) / 10_000);
  }
  // A lease of 30 seconds, give or take what the test itself took; who says less is paid for that.
  expect(paid[0]).toBeGreaterThan(50);
  expect(paid[0]).toBeLessThan(75);
  expect(paid[1]).toBe(45);
});

it('a lease that ran out and was given again earns for when it was held, not for the time between', async () => {
  await setPayFloors(db, DEFAULT_ORGANISATION, new Map());
  const made = await stage.scene(db, { items: 2, annotators: 1, settings: { ...hourly, redundancy: 1 } });
  const { campaignId } = made;
  const [annotatorId = ''] = made.annotators;
  const taskIds = await stage.plan(db, made, 2);
  await db`update annotators set simulated = false where id = ${annotatorId}`;
  const answered = [];
  for (const [at, timeSpentS] of [3000, 15].entries()) {
    const taskId = taskIds[at] ?? '';
    await openSlots(db, taskId);
    const held = await stage.lease(db, { taskId, annotatorId });
    const assignmentId = held?.assignmentId ?? '';
    // Held for 20 seconds, away for an hour.
    await db`
      update assignments set leased_at = now() - interval '3620 seconds', expires_at = now() - interval '3600 seconds'
      where id = ${assignmentId}`;
    expect(await expireLeases(db, 10)).toBe(1);
    await db`update tasks set price_micros = 1500000 where id = ${taskId}`;
    await db`update policies set created_at = now() - interval '2 days' where campaign_id = ${campaignId}`;
    // From 36 an hour, a cent a second, to 72 for the second.
    if (at === 1) await changeRules(db, { id: campaignId, rules: { hourlyMicros: '72000000' } });
    await nextMillisecond();
    const again = await leaseLapsed(db, {
      ...{ annotatorId, campaignId, workforce: 'internal', tier: 3, leaseMs: 60_000, instructionsVersion: 1 },
      room: { campaignId, maxLeases: 5 },
    });
    expect(again).toMatchObject({ assignmentId, priceMicros: 1_500_000n });
    const annotationId = uuidv7();
    const answer = { annotationId, assignmentId, annotatorId, label: 'spam', presentation: null, confidence: null };
    await storeSubmissions(db, [{ ...answer, timeSpentS }]);
    const [stored] = await db<{ micros: bigint; believedS: number }[]>`
      select n.price_micros as micros, ${believedS(db)}::float8 as "believedS"
      from annotations n join assignments a on a.id = n.assignment_id join annotators w on w.id = n.annotator_id
      where n.id = ${annotationId}`;
    const [assessed] = await annotationsToAssess(db, { taskId, ids: [annotationId] });
    answered.push({ ...stored, sinceLeaseS: assessed?.sinceLeaseS });
    // Long ago, so that the next lease shares no time with it.
    await db`update annotations set submitted_at = submitted_at - interval '2 hours' where id = ${annotationId}`;
  }
  const [over, within] = answered;
  // The 20 seconds, and what the test itself took.
  for (const seconds of [over?.believedS, over?.sinceLeaseS, Number(over?.micros) / 10_000, within?.sinceLeaseS]) {
    expect(seconds).toBeGreaterThanOrEqual(20);
    expect(seconds).toBeLessThan(40);
  }
  expect([within?.micros, within?.believedS]).toEqual([300_000n, 15]);
});

it('the most an answer may earn is twice the usual time unless it is said, and an hour must pay something', () => {
  const resolve = (more: object) =>
    resolveSettings(createCampaignSchema.parse({ type: 'pairwise', budgetUsd: '1', ...more })).settings;
  // 45 usual seconds.
  expect(resolve({ hourlyUsd: '40' })).toMatchObject({ hourlyMicros: '40000000', priceMicros: '1000000' });
  expect(resolve({ hourlyUsd: '40', priceUsd: '0.30' })).toMatchObject({ priceMicros: '300000' });
  expect(() => resolve({ hourlyUsd: '0' })).toThrow(/hourlyUsd is 0.00/);
});

it('whatever the rate, the floor and the time, no micro-dollar is made or lost: what is earned is what is booked', async () => {
  const rng = seededRng('by the hour');
  for (let round = 0; round < 4; round++) {
    const [rate, floor] = [1 + rng.int(120_000_000), 1 + rng.int(60_000_000)].map(BigInt) as [bigint, bigint];
    await setPayFloors(db, DEFAULT_ORGANISATION, new Map([['', floor]]));
    const settings = { hourlyUsd: formatUsd(rate), priceUsd: '1', redundancy: 25 };
    const made = await stage.scene(db, { items: 1, annotators: 25, settings: { ...settings, budgetUsd: '100' } });
    const [taskId = ''] = await stage.plan(db, made, 1);
    await openSlots(db, taskId);
    const best = mostMicros(rate, floor);
    let earned = 0n;
    for (const annotatorId of made.annotators) {
      const held = await stage.lease(db, { taskId, annotatorId });
      const milliseconds = rng.int(90_000);
      const lease = { assignmentId: held?.assignmentId ?? '', annotatorId, sinceS: 100, saysS: milliseconds / 1000 };
      const { micros } = await answerAfter(lease);
      const exact = (best * BigInt(milliseconds) + 3_599_999n) / 3_600_000n;
      expect(micros, `${best} an hour, ${milliseconds} ms`).toBe(leastMicros(exact, 1_000_000n));
      earned += micros ?? 0n;
    }
    const { decideTask } = createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });
    await decideTask({ taskId, minConfidence: 0, acceptAny: true, log: [] });
    const money = await stage.moneyOf(db, made.campaignId);
    expect([money.reserved, money.spent]).toEqual([0n, earned]);
    await stage.expectInvariants(db, made.campaignId);
  }
});
