import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { countViolations } from '../../db/queries/invariants.ts';
import { leaseRepeat } from '../../db/queries/repeats.ts';
import { campaignCounts } from '../../db/queries/tallies.ts';
import { seededRng } from '../../domain/rng.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  const rng = seededRng('consistency');
  rig = await startRig({ random: () => rng.next() });
});
afterAll(() => rig.close());

const items = Array.from({ length: 12 }, (_, at) => ({ key: `i${at}`, text: `Item ${at}` }));

const consistency = { share: 0.5, afterDays: 3 };

async function campaign(settings: Record<string, unknown> = { consistency }) {
  const { id, annotators } = await runningCampaign(rig, { settings, items });
  const [me] = annotators;
  if (!me) throw new Error('There is no annotator.');
  const next = () => rig.call(me.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
  const submit = (assignmentId: string, label: string) =>
    rig.call(me.apiKey, 'POST', `/v1/assignments/${assignmentId}/annotation`, { label, timeSpentS: 20 });
  const answer = async (count: number) => {
    for (let at = 0; at < count; at++) await submit((await next()).body.assignmentId, at % 2 === 0 ? 'spam' : 'ham');
  };
  const age = () => rig.db`
    update annotations set submitted_at = submitted_at - interval '4 days' where annotator_id = ${me.id}`;
  const repeat = () =>
    leaseRepeat(rig.db, {
      ...{ assignmentId: uuidv7(), annotatorId: me.id, campaignId: id, leaseMs: 60_000 },
      ...{ tier: 0, afterMs: 3 * 86_400_000, shuffle: 1 },
    });
  const activities = createActivities({ db: rig.db, nowMs: () => Date.now(), wake: () => undefined });
  const settle = (annotationId: string) =>
    activities.gradeGold({ annotatorId: me.id, annotationIds: [annotationId], goldTotal: 0, goldCorrect: 0 });
  return { id, me, next, submit, answer, age, repeat, settle };
}

test('an item answered days ago comes once more, apart from the votes, paid, and never a third time', async () => {
  const { id, me, submit, answer, age, repeat, settle } = await campaign();
  await answer(2);
  expect(await repeat()).toBeUndefined();
  await age();
  for (const label of ['spam', 'spam']) {
    const lease = await repeat();
    expect(lease?.payload).toMatchObject({ text: expect.stringMatching(/^Item/) });
    const { status, body } = await submit(lease?.assignmentId ?? '', label);
    expect(status).toBe(201);
    // No gold: nothing is graded.
    expect(await settle(body.annotationId)).toEqual([]);
    const [kept] = await rig.db`
      select pay_state as pay, assessed_at is not null as assessed from annotations where id = ${body.annotationId}`;
    expect(kept).toEqual({ pay: 'paid', assessed: true });
  }
  expect(await repeat()).toBeUndefined();

  const tasks = await rig.db<{ kind: string; taken: number }[]>`
    select t.kind, count(n.id)::int as taken from tasks t left join annotations n on n.task_id = t.id
    where t.campaign_id = ${id} group by t.kind order by t.kind`;
  expect(tasks).toEqual([
    { kind: 'repeat', taken: 2 },
    { kind: 'work', taken: 2 },
  ]);
  const slots = await rig.db`
    select s.state, count(*)::int as n from slots s join tasks t on t.id = s.task_id
    where t.campaign_id = ${id} and t.kind = 'work' group by s.state order by s.state`;
  expect(slots).toEqual([
    { state: 'open', n: 34 },
    { state: 'submitted', n: 2 },
  ]);
  expect(await countViolations(rig.db, id)).toEqual(
    Object.fromEntries(Object.keys(await countViolations(rig.db, id)).map((name) => [name, 0])),
  );

  const { body } = await rig.call(rig.viewer, 'GET', `/v1/annotators/${me.id}/consistency`);
  expect(body.items).toMatchObject([{ campaignId: id, items: 2, same: 0.5, agreement: 0.5, interval: null }]);
  const workers = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/annotators`);
  expect(workers.body.items[0]).toMatchObject({ id: me.id, consistency: { items: 2, same: 0.5 } });
  expect(await campaignCounts(rig.db, id)).toMatchObject({ annotations: 2, goldAnnotations: 0 });
});

test('once asked for, repeats are offered among other work, looking the same', async () => {
  const { id, me, next, submit, answer, age } = await campaign({});
  await answer(3);
  await age();
  expect((await rig.call(rig.requester, 'PATCH', `/v1/campaigns/${id}`, { consistency })).status).toBe(200);
  const shapes = new Set<string>();
  for (let at = 0; at < 9; at++) {
    const { body } = await next();
    shapes.add(Object.keys(body).sort().join() + Object.keys(body.task).sort().join());
    await submit(body.assignmentId, 'ham');
  }
  const [repeats] = await rig.db`
    select count(*)::int as n from annotations n join tasks t on t.id = n.task_id
    where n.annotator_id = ${me.id} and t.kind = 'repeat'`;
  // Half of the time at random: none of nine has a chance of 1 in 500, and the random numbers are the rig's.
  expect(repeats?.n).toBeGreaterThan(0);
  expect(shapes.size).toBe(1);
});
