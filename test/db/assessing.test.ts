import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import type { Db, Queryable } from '../../db/client.ts';
import { storeSubmissions } from '../../db/queries/annotations.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { recentAnswersOf, sampleAnswers } from '../../db/queries/recent-answers.ts';
import { openGoldTasks } from '../../db/queries/selection.ts';
import { ingest } from '../../db/queries/vendor-ingest.ts';
import { dispatchUnits } from '../../db/queries/vendor-units.ts';
import { createTestDatabase } from '../support/database.ts';
import { explained } from '../support/explained.ts';
import { lease, newAnnotator, plan, type Scene, scene } from '../workers/stage.ts';

let server: Awaited<ReturnType<typeof createTestDatabase>>;
let db: Db;
beforeAll(async () => {
  server = await createTestDatabase();
  db = server.db;
});
afterAll(() => server.drop());

const activitiesOf = () => createActivities({ db, nowMs: () => Date.now(), wake: () => undefined });

interface Given {
  readonly label: unknown;
  readonly presentation?: string;
  readonly timeSpentS?: number;
}

/** Answers a task and has the answer assessed. */
async function answered(by: ReturnType<typeof activitiesOf>, taskId: string, annotatorId: string, given: Given) {
  const held = await lease(db, { taskId, annotatorId });
  const annotationId = uuidv7();
  const { label, presentation = null, timeSpentS = 12 } = given;
  const at = { assignmentId: held?.assignmentId ?? '', annotatorId };
  await storeSubmissions(db, [{ ...at, annotationId, label, presentation, timeSpentS, confidence: null }]);
  await by.assessAnswers({ taskId, annotationIds: [annotationId] });
  return assessment(annotationId);
}

async function assessment(annotationId: string) {
  const [row] = await db<{ score: number; flags: string[]; evidence: Record<string, Record<string, unknown>> }[]>`
    select score::float8 as score, flags, evidence from annotations where id = ${annotationId}`;
  if (!row) throw new Error('There is no such annotation.');
  return row;
}

async function openTasks(made: Scene, count: number): Promise<string[]> {
  const taskIds = await plan(db, made, count);
  for (const taskId of taskIds) await activitiesOf().openSlots({ taskId });
  return taskIds;
}

test('every threshold is the campaign’s own, for work and for gold', async () => {
  const quality = { tooFastS: 30, tooFastFactor: 0.9, goldIncorrectFactor: 0.25 };
  const made = await scene(db, { settings: { quality, goldRatio: 0.05 }, gold: 1 });
  const [taskId = ''] = await openTasks(made, 1);
  const by = activitiesOf();
  const [ann = ''] = made.annotators;
  expect(await answered(by, taskId, ann, { label: 'spam' })).toMatchObject({ score: 0.9, flags: ['too_fast'] });
  const graded = await gold(made, ann, { label: 'spam' });
  expect(graded).toMatchObject({ score: 0.9 * 0.25, flags: ['too_fast', 'gold_incorrect'] });
});

/** Answers the only gold task, whose known answer is ham, and grades that. */
async function gold({ campaignId }: Scene, annotatorId: string, { label }: Given) {
  await openGoldTasks(db, {
    ...{
      campaignId,
      priceMicros: 0n,
      requiredTier: 0,
      workforce: 'internal',
      policyVersion: 1,
      instructionsVersion: 1,
    },
  });
  const assignmentId = uuidv7();
  await leaseGold(db, { assignmentId, annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0 });
  const annotationId = uuidv7();
  const answer = { label, presentation: null, timeSpentS: 12, confidence: null };
  await storeSubmissions(db, [{ annotationId, assignmentId, annotatorId, ...answer }]);
  const given = { annotatorId, annotationIds: [annotationId], goldTotal: 0, goldCorrect: 0 };
  const [graded] = await activitiesOf().gradeGold(given);
  return { ...(await assessment(annotationId)), doubt: graded?.doubt };
}

test('a campaign stored before there were such settings has the source’s rules', async () => {
  const made = await scene(db);
  await db`update policies set settings = settings - 'quality' where campaign_id = ${made.campaignId}`;
  const [taskId = ''] = await openTasks(made, 1);
  const [ann = '', bob = ''] = made.annotators;
  const by = activitiesOf();
  expect(await answered(by, taskId, ann, { label: 'spam', timeSpentS: 4 })).toMatchObject({ score: 0.3 });
  expect(await answered(by, taskId, bob, { label: 'spam' })).toEqual({ score: 1, flags: [], evidence: null });
});

test('time is held against the server’s clock, but for a simulated crowd', async () => {
  const made = await scene(db);
  const [taskId = ''] = await openTasks(made, 1);
  const [simulated = '', person = ''] = made.annotators;
  await db`update annotators set simulated = false where id = ${person}`;
  const by = activitiesOf();
  expect(await answered(by, taskId, simulated, { label: 'ham', timeSpentS: 60 })).toMatchObject({ flags: [] });
  const told = await answered(by, taskId, person, { label: 'ham', timeSpentS: 60 });
  expect(told.flags).toEqual(['too_fast', 'time_overstated']);
  expect(told.score).toBeCloseTo(0.3 * 0.8, 12);
  expect(told.evidence.time_overstated).toMatchObject({ reportedS: 60 });
});

test('no time is held against an answer whose time nobody said, nor is it learnt from; nor that of a machine', async () => {
  const made = await scene(db, { items: 2, settings: { workforces: ['llm', 'internal'], redundancy: 2 } });
  const taskIds = await openTasks(made, 2);
  await dispatchUnits(db, { gatherMs: 0 });
  const units = await db<{ id: string; taskId: string; orderId: string }[]>`
    select id, task_id as "taskId", order_id as "orderId" from vendor_units where campaign_id = ${made.campaignId}`;
  for (const { id: unitId, taskId, orderId } of units) {
    await ingest(db, {
      ...{ orderId, unitId, taskId, campaignId: made.campaignId, vendor: 'llm' },
      ...{ responseKey: 'j', workerId: 'judge:m:v1', answers: {}, hash: 'j' },
      ...{ read: { label: 'spam', presentation: null }, costMicros: null, priceMicros: 1000n },
      timeSpentS: taskId === taskIds[0] ? null : 1,
    });
  }
  const times: unknown[] = [];
  for (const taskId of taskIds) {
    const [row] = await db<{ id: string; time: number | null }[]>`
      select id, time_spent_s::float8 as time from annotations where task_id = ${taskId}`;
    times.push(row?.time);
    await activitiesOf().assessAnswers({ taskId, annotationIds: [row?.id ?? ''] });
    expect(await assessment(row?.id ?? '')).toEqual({ score: 1, flags: [], evidence: null });
  }
  expect(times).toEqual([null, null]);
  const sampled = await sampleAnswers(db, { campaignId: made.campaignId, limit: 10 });
  expect(sampled.map(({ timeSpentS }) => timeSpentS)).toEqual([null, null]);
});

test('the same answer again and again is found, beside others who differ', async () => {
  const made = await scene(db, { items: 32, gold: 1, settings: { redundancy: 3, goldRatio: 0.05 } });
  const taskIds = await openTasks(made, 32);
  const [lazy = '', ann = '', bob = ''] = made.annotators;
  const by = activitiesOf();
  const scores = [];
  for (const [at, taskId] of taskIds.entries()) {
    const label = at % 2 === 0 ? 'spam' : 'ham';
    expect((await answered(by, taskId, ann, { label })).flags).toEqual([]);
    expect((await answered(by, taskId, bob, { label })).flags).toEqual([]);
  }
  // By now the sample of the campaign has all of them.
  const later = activitiesOf();
  for (const taskId of taskIds) scores.push(await answered(later, taskId, lazy, { label: 'ham' }));
  expect(scores.slice(0, 9).every(({ flags }) => flags.length === 0)).toBe(true);
  expect(scores.at(-1)?.flags).toContain('straight_lining');
  expect(scores.at(-1)?.evidence.straight_lining).toMatchObject({ run: 32 });
  // Always the same is agreement by chance, where the others agree with each other.
  expect(scores.at(-1)?.flags).toContain('low_peer_agreement');
  expect(scores.at(-1)?.score).toBeCloseTo(0.25, 12);
  // Which their standing hears of with their next gold, though that one is right.
  expect((await gold(made, lazy, { label: 'ham' })).doubt).toMatchObject({ agreement: 0.5, chance: 0.5, peers: 1 });
  expect((await gold(made, ann, { label: 'ham' })).doubt).toBeUndefined();
});

test('always the first shown is found in pairs, whatever the label', async () => {
  const made = await scene(db, { items: 30, settings: { type: 'pairwise', config: {}, redundancy: 2 } });
  const taskIds = await openTasks(made, 30);
  const [biased = '', fair = ''] = made.annotators;
  const by = activitiesOf();
  let last = { flags: [] as string[] };
  for (const [at, taskId] of taskIds.entries()) {
    const order = at % 3 === 0 ? 'ab' : 'ba';
    last = await answered(by, taskId, biased, {
      label: { choice: order === 'ab' ? 'a' : 'b' },
      presentation: order,
    });
    const other = await answered(by, taskId, fair, {
      label: { choice: at % 2 === 0 ? 'a' : 'b' },
      presentation: order,
    });
    expect(other.flags).toEqual([]);
  }
  expect(last.flags).toContain('position_bias');
});

test('another answer to the same item as before is found', async () => {
  const made = await scene(db, { items: 3 });
  const taskIds = await openTasks(made, 3);
  await db`
    update item_payloads p set hash = 'same' from tasks t where t.item_id = p.item_id and t.id = any(${taskIds})`;
  const [ann = '', bob = ''] = made.annotators;
  const [one = '', two = '', three = ''] = taskIds;
  const by = activitiesOf();
  expect((await answered(by, one, ann, { label: 'spam' })).flags).toEqual([]);
  expect((await answered(by, two, ann, { label: 'spam' })).flags).toEqual([]);
  const changed = await answered(by, three, ann, { label: 'ham' });
  expect(changed).toMatchObject({ score: 0.7, flags: ['contradiction'] });
  expect((await answered(by, three, bob, { label: 'ham' })).flags).toEqual([]);
});

test('another answer to nearly the same item is found, also after others were read anew', async () => {
  const made = await scene(db, { items: 12 });
  const [one = '', three = '', ...between] = await openTasks(made, 12);
  const text =
    'You have won a prize of a thousand pounds; call the number below before the end of this week to claim it.';
  for (const [taskId, ending] of [
    [one, ''],
    [three, ' Now'],
  ] as const) {
    await db`
      update item_payloads p set payload = ${db.json({ text: `${text}${ending}` })}
      from tasks t where t.item_id = p.item_id and t.id = ${taskId}`;
  }
  const [ann = '', bob = ''] = made.annotators;
  expect((await answered(activitiesOf(), one, ann, { label: 'spam' })).flags).toEqual([]);
  for (const [at, taskId] of between.entries()) {
    await db`
      update item_payloads p set payload = ${db.json({ text: `Message ${at} of a kind of its own: ${'abcdefghij'[at]}`.repeat(3) })}
      from tasks t where t.item_id = p.item_id and t.id = ${taskId}`;
    await answered(activitiesOf(), taskId, ann, { label: at % 2 === 0 ? 'ham' : 'spam' });
  }
  const changed = await answered(activitiesOf(), three, ann, { label: 'ham' });
  expect(changed).toMatchObject({ score: 0.7, flags: ['contradiction'] });
  const { similarity } = changed.evidence.contradiction as { similarity: number };
  expect(similarity).toBeGreaterThan(0.9);
  expect(similarity).toBeLessThan(1);
  expect((await answered(activitiesOf(), three, bob, { label: 'ham' })).flags).toEqual([]);
});

test('another answer to an item that is shown again is found however many answers came between', async () => {
  const made = await scene(db, { items: 9, settings: { quality: { recentAnswers: 5 } } });
  const [first = '', again = '', ...between] = await openTasks(made, 9);
  await db`update tasks set kind = 'repeat', repeats = ${first} where id = ${again}`;
  const [ann = '', bob = ''] = made.annotators;
  const by = activitiesOf();
  for (const who of [ann, bob]) {
    for (const taskId of [first, ...between]) {
      expect((await answered(by, taskId, who, { label: 'spam' })).flags).not.toContain('contradiction');
    }
  }
  const changed = await answered(by, again, ann, { label: 'ham' });
  expect(changed.flags).toContain('contradiction');
  expect((await answered(by, again, bob, { label: 'spam' })).flags).not.toContain('contradiction');
});

test('a text copied from another annotator is found, and the first one is nobody’s copy', async () => {
  const made = await scene(db, { settings: { type: 'free_text', config: {} } });
  const [taskId = ''] = await openTasks(made, 1);
  const [ann = '', bob = '', cas = ''] = made.annotators;
  const by = activitiesOf();
  const text = 'The writer invites a colleague to have their midday meal together and looks forward to it.';
  expect((await answered(by, taskId, ann, { label: text })).flags).toEqual([]);
  const copy = await answered(by, taskId, bob, { label: text.toUpperCase() });
  expect(copy).toMatchObject({ score: 0.3, flags: ['copied_text'] });
  expect(copy.evidence.copied_text).toMatchObject({ from: 'another annotator', similarity: 1 });
  const own = await answered(by, taskId, cas, { label: 'Somebody proposes a shared lunch; it is friendly, not spam.' });
  expect(own.flags).toEqual([]);
});

test('a rule that is switched off finds nothing, and an answer is assessed once', async () => {
  const quality = { copiedText: null, learnedTimes: { minAnswers: 30 } };
  const made = await scene(db, { settings: { type: 'free_text', config: {}, quality } });
  const [taskId = ''] = await openTasks(made, 1);
  const [ann = '', bob = ''] = made.annotators;
  const by = activitiesOf();
  const label = 'The writer invites a colleague to have their midday meal together and looks forward to it.';
  await answered(by, taskId, ann, { label });
  expect((await answered(by, taskId, bob, { label })).flags).toEqual([]);
  const rows = await db<
    { id: string; at: Date }[]
  >`select id, assessed_at as at from annotations where task_id = ${taskId}`;
  await by.assessAnswers({ taskId, annotationIds: rows.map(({ id }) => id) });
  expect([...(await db`select id, assessed_at as at from annotations where task_id = ${taskId}`)]).toEqual([...rows]);
});

test('limits of time are learnt from the campaign where it asks for that', async () => {
  const quality = { learnedTimes: { minAnswers: 30 }, straightLining: null };
  const made = await scene(db, { items: 33, settings: { redundancy: 2, quality } });
  const taskIds = await openTasks(made, 33);
  const [ann = '', hasty = ''] = made.annotators;
  const by = activitiesOf();
  for (const [at, taskId] of taskIds.entries()) {
    await answered(by, taskId, ann, { label: 'ham', timeSpentS: 100 * 1.3 ** ((at % 7) / 3 - 1) });
  }
  const later = activitiesOf();
  const quick = await answered(later, taskIds[0] ?? '', hasty, { label: 'ham', timeSpentS: 15 });
  expect(quick.flags).toEqual(['too_fast']);
  const usual = await answered(later, taskIds[1] ?? '', hasty, { label: 'ham', timeSpentS: 90 });
  expect(usual.flags).toEqual([]);
});

test('the newest answers are read from an index, a bounded number of pages, however many there are', async () => {
  const made = await scene(db, { settings: { redundancy: 1 } });
  const [prolific, others] = [await newAnnotator(db), await newAnnotator(db)];
  await db`
    with made as (
      select gen_random_uuid() as item, gen_random_uuid() as task, gen_random_uuid() as assignment,
        gen_random_uuid() as answer, at,
        case when at % 40 = 0 then ${prolific}::uuid else ${others}::uuid end as annotator
      from generate_series(1, 20000) at
    ), a as (
      insert into items (id, campaign_id, key, state, shuffle) select item, ${made.campaignId}, 'k' || at, 'selected', at from made
    ), b as (
      insert into item_payloads (item_id, payload, hash) select item, '{}', 'h' || at from made
    ), c as (
      insert into tasks (id, campaign_id, item_id, state, round, redundancy, price_micros, required_tier, policy_version, instructions_version)
      select task, ${made.campaignId}, item, 'decided', 1, 1, 0, 0, 1, 1 from made
    ), d as (
      insert into slots (task_id, slot_no, campaign_id, workforce, priority, required_tier, state, annotator_id, assignment_id)
      select task, 1, ${made.campaignId}, 'internal', 1, 0, 'submitted', annotator, assignment from made
    ), e as (
      insert into assignments (id, task_id, slot_no, campaign_id, annotator_id, fence, state, price_micros, expires_at)
      select assignment, task, 1, ${made.campaignId}, annotator, 1, 'submitted', 0, now() from made
    ), f as (
      insert into annotations (id, assignment_id, task_id, campaign_id, annotator_id, counted, time_spent_s, price_micros, submitted_at)
      select answer, assignment, task, ${made.campaignId}, annotator, true, 10, 0, now() - at * interval '1 second' from made
    )
    insert into annotation_labels (annotation_id, label) select answer, '"ham"' from made`;
  await db`analyze`;
  const query = { annotatorId: prolific, campaignId: made.campaignId, until: new Date(), limit: 50 };
  const own = await explained(db, (sql) => recentAnswersOf(sql, query));
  expect(own.nodes.map((node) => node['Index Name'])).toContain('annotations_annotator');
  for (const run of [
    (sql: Queryable) => recentAnswersOf(sql, query),
    (sql: Queryable) => sampleAnswers(sql, { campaignId: made.campaignId, limit: 500 }),
  ]) {
    const { nodes, blocks } = await explained(db, run);
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'])).toEqual([]);
    expect(blocks).toBeLessThan(4000);
  }
});
