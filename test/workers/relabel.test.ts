import { afterAll, describe, expect, test } from 'vitest';
import { findCampaign } from '../../db/queries/campaigns.ts';
import { setLimits } from '../../db/queries/limits.ts';
import { taskStory } from '../../db/queries/stories.ts';
import { recomputes } from '../../domain/aggregation/decide.ts';
import { campaignPolicyOf } from '../../domain/settings.ts';
import * as messages from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const { db, drop } = await createTestDatabase();
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await drop();
});
const { activities, within, round, fit: fitted } = learningStage(db);

const truthOf = (text: string) => (text.includes('win') ? 'spam' : 'ham');
/** Of every fifth item the crowd is of two minds: every other annotator errs. */
const isContested = (text: string) => Number(/\d+/.exec(text)?.[0]) % 5 === 0;
const said = (text: string, annotator: number) =>
  isContested(text) && annotator % 2 === 1 ? (truthOf(text) === 'spam' ? 'ham' : 'spam') : truthOf(text);

async function campaign(settings: stage.SceneSettings = {}, items = 60) {
  const made = await stage.scene(db, {
    items,
    annotators: 8,
    settings: { redundancy: 2, evaluation: null, relabel: { maxAnswers: 4 }, agreementWatch: null, ...settings },
  });
  await spreadItems(db, made.campaignId);
  return made;
}

interface Asked {
  readonly id: string;
  readonly text: string;
  readonly redundancy: number;
  readonly reopened: number;
  readonly slots: number;
  readonly answers: number;
  readonly state: string;
}
const tasksOf = async (campaignId: string): Promise<Asked[]> => [
  ...(await db<Asked[]>`
    select t.id, p.payload ->> 'text' as text, t.redundancy, t.reopened, t.state,
      (select count(*)::int from slots where task_id = t.id) as slots,
      (select count(*)::int from annotations where task_id = t.id and counted) as answers
    from tasks t join item_payloads p using (item_id)
    where t.campaign_id = ${campaignId} and t.kind = 'work' order by t.id`),
];

/** Has some open slots answered, each by somebody who has not answered its task. */
async function answerSome({ campaignId, annotators }: stage.Scene): Promise<void> {
  const open = await db<{ taskId: string; text: string; before: string[] }[]>`
    select distinct on (s.task_id) s.task_id as "taskId", p.payload ->> 'text' as text,
      array(select annotator_id from annotations where task_id = s.task_id)::text[] as before
    from slots s join tasks t on t.id = s.task_id join item_payloads p using (item_id)
    where s.campaign_id = ${campaignId} and s.state = 'open' order by s.task_id limit 5`;
  for (const { taskId, text, before } of open) {
    const next = annotators.findIndex((each) => !before.includes(each));
    const annotatorId = annotators[next] ?? '';
    const held = await stage.lease(db, { taskId, annotatorId });
    if (held) await stage.submit(db, { assignmentId: held.assignmentId, annotatorId, label: said(text, next) });
  }
}

/** A campaign whose model has learnt from forty decided items, eight of them contested one to one. */
async function taught(settings: stage.SceneSettings = {}) {
  const made = await campaign(settings);
  await round(made, { round: 1, count: 40, labelOf: said });
  const contested = (await tasksOf(made.campaignId)).filter(({ text }) => isContested(text));
  await fitted(made.campaignId, 1);
  await db`delete from outbox`;
  return { ...made, contested: contested.map(({ id }) => id) };
}

describe('a campaign that may ask again', () => {
  test('gives contested tasks one more slot each in place of new items, reserved like any other, and once a round', async () => {
    const made = await taught();
    const { campaignId, contested } = made;
    const before = await stage.moneyOf(db, campaignId);
    const input = { campaignId, round: 2, count: 12 };
    const batch = await within(activities.selectBatch, input);
    expect(batch.taskIds).toHaveLength(12);
    const tasks = await tasksOf(campaignId);
    const again = tasks.filter(({ reopened }) => reopened > 0);
    expect(again.length).toBeGreaterThan(0);
    expect(again.every(({ id }) => contested.includes(id))).toBe(true);
    for (const task of again) expect(task).toMatchObject({ state: 'open', redundancy: 3, slots: 3, reopened: 1 });
    expect(tasks).toHaveLength(40 + 12 - again.length);
    expect([...batch.taskIds].sort()).toEqual(
      [...again.map(({ id }) => id), ...tasks.slice(40).map(({ id }) => id)].sort(),
    );
    const after = await stage.moneyOf(db, campaignId);
    const newMicros = BigInt(12 - again.length) * 200_000n;
    expect(after.reserved - before.reserved).toBe(BigInt(again.length) * 100_000n + newMicros);
    await stage.expectInvariants(db, campaignId);

    expect((await within(activities.selectBatch, input)).taskIds.toSorted()).toEqual([...batch.taskIds].sort());
    expect(await tasksOf(campaignId)).toEqual(tasks);
    expect(await stage.moneyOf(db, campaignId)).toEqual(after);
    // What is being asked is not asked for once more meanwhile.
    await within(activities.selectBatch, { ...input, round: 3 });
    for (const { id } of again) expect((await tasksOf(campaignId)).find((task) => task.id === id)?.slots).toBe(3);

    const [first] = again;
    const [item] = await db<{ itemId: string }[]>`select item_id as "itemId" from tasks where id = ${first?.id ?? ''}`;
    const story = await taskStory(db, { id: first?.id ?? '', itemId: item?.itemId ?? '' });
    expect(story.reopenings).toMatchObject([
      {
        ...{ number: 1, cause: 'relabel', by: 'round 2', answers: 1 },
        reason: expect.stringMatching(
          /^One more answer here is expected to save \S+ errors a dollar, a new item in its place/,
        ),
        evidence: { strategy: 'relabel_or_new', own: expect.any(Number), accuracy: expect.any(Number) },
      },
    ]);
    const worth = (story.reopenings[0]?.evidence ?? {}) as Record<string, number>;
    expect(worth.errorsPerUsd).toBeGreaterThanOrEqual(worth.newItemErrorsPerUsd ?? Number.POSITIVE_INFINITY);
  });

  test('asks no task beyond its cap, nor where there is nobody left to ask, nor without a model or the setting', async () => {
    const capped = await taught({ relabel: { maxAnswers: 3 } });
    await db`update tasks set redundancy = 3 where id = any(${capped.contested}::uuid[])`;
    const unspoken = await taught({ language: 'fi' });
    const plain = await taught({ relabel: undefined });
    const untaught = await taught();
    await db`delete from models where campaign_id = ${untaught.campaignId}`;
    for (const { campaignId } of [capped, unspoken, plain, untaught]) {
      await within(activities.selectBatch, { campaignId, round: 2, count: 8 });
      const tasks = await tasksOf(campaignId);
      expect(tasks).toHaveLength(48);
      expect(tasks.filter(({ reopened }) => reopened > 0)).toEqual([]);
    }
  });

  test('waits for the next day where the pace has no room for answers to old tasks', async () => {
    const { campaignId } = await taught();
    await setLimits(db, campaignId, { paceMicros: 50_000n });
    // One place, which the most contested task is worth.
    const batch = await within(activities.selectBatch, { campaignId, round: 2, count: 1 });
    expect(batch).toMatchObject({ taskIds: [], blocked: 'pace' });
    expect(batch.untilMs).toBeGreaterThan(Date.now());
  });

  test('asks as far as its budget goes, and stays one batch when two attempts make it at once', async () => {
    const made = await taught({ budgetUsd: '8.25' });
    const { campaignId } = made;
    const batches = await Promise.all(
      [0, 1].map(() => within(activities.selectBatch, { campaignId, round: 2, count: 12 })),
    );
    const again = (await tasksOf(campaignId)).filter(({ reopened }) => reopened > 0);
    expect(again).toHaveLength(2);
    for (const { taskIds } of batches) expect([...taskIds].sort()).toEqual(again.map(({ id }) => id).sort());
    expect(await stage.moneyOf(db, campaignId)).toMatchObject({
      cap: 8_250_000n,
      reserved: 200_000n,
      spent: 8_000_000n,
    });
    expect(await within(activities.selectBatch, { campaignId, round: 3, count: 12 })).toMatchObject({
      taskIds: [],
      blocked: 'budget',
    });
    await stage.expectInvariants(db, campaignId);
  });

  test('on a real server: contested tasks get the extra answers, none more than the cap, none beyond the budget', async () => {
    if ('unavailable' in server) return console.warn(server.unavailable);
    const settings = { mode: 'rounds' as const, batchSize: 15, firstBatch: 15, budgetUsd: '6.5' };
    const made = await campaign({ ...settings, relabel: { maxAnswers: 4 } }, 30);
    const { campaignId } = made;
    // The relay is not to start the tasks of the tests before.
    await db`delete from outbox`;
    await stage.onStage({ server, db, name: 'relabel', learning: true }, async ({ client, taskQueue }) => {
      const args: [messages.CampaignInput] = [{ campaignId, policy: campaignPolicyOf(made.settings) }];
      const workflowId = messages.campaignWorkflowId(campaignId);
      await client.start('campaignWorkflow', { taskQueue, workflowId, args });
      const answered = async () => {
        await answerSome(made);
        return (await findCampaign(db, campaignId))?.state === 'finished';
      };
      await until('the campaign has ended', answered, 150_000);
      await client.getHandle(workflowId).result();
    });
    const tasks = await tasksOf(campaignId);
    expect(tasks.every(({ state }) => state === 'decided')).toBe(true);
    // Each opening was for one answer, and each slot has been answered once.
    for (const { redundancy, reopened, slots, answers } of tasks) {
      expect([slots, answers, redundancy]).toEqual([2 + reopened, 2 + reopened, 2 + reopened]);
      expect(answers).toBeLessThanOrEqual(4);
    }
    const meanOf = (some: readonly Asked[]) => some.reduce((sum, { answers }) => sum + answers, 0) / some.length;
    const contested = tasks.filter(({ text }) => isContested(text));
    expect(contested.some(({ reopened }) => reopened > 0)).toBe(true);
    expect(meanOf(contested)).toBeGreaterThan(meanOf(tasks.filter(({ text }) => !isContested(text))));
    const { cap, reserved, spent } = await stage.moneyOf(db, campaignId);
    expect(reserved).toBe(0n);
    expect(spent).toBeLessThanOrEqual(cap);
    expect(spent).toBe(BigInt(tasks.reduce((sum, { answers }) => sum + answers, 0)) * 100_000n);
    const revisions = await db<{ evidence: { context?: { because?: string } } }[]>`
      select evidence from decisions where campaign_id = ${campaignId} and revision > 1`;
    expect(revisions.some(({ evidence }) => evidence.context?.because === 'reopened:relabel')).toBe(true);
    expect(revisions.every(({ evidence }) => recomputes(evidence))).toBe(true);
    await stage.expectInvariants(db, campaignId);
  });
});
