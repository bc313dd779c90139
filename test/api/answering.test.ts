import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desks } from '../../api/desks.ts';
import { newId } from '../../api/new-id.ts';
import { checkInvariants } from '../../db/queries/invariants.ts';
import { expireLeases, leaseCounts, leaseGold } from '../../db/queries/leases.ts';
import { recounted } from '../support/recount.ts';
import { type Answer, addAnnotators, nobodysId, type Rig, runningCampaign, startRig } from './rig.ts';
import { fillQueue } from './slots.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const next = (key: string | undefined, campaignId: string) =>
  rig.call(key, 'POST', '/v1/assignments/next', { campaignId });
const submit = (key: string | undefined, assignmentId: string, label: unknown = 'spam') =>
  rig.call(key, 'POST', `/v1/assignments/${assignmentId}/annotation`, { label, timeSpentS: 9 });
const texts = (count: number) => Array.from({ length: count }, (_, at) => ({ key: `k${at}`, text: `mail ${at}` }));

async function annotationsOf(campaignId: string) {
  return rig.db<{ annotatorId: string; counted: boolean }[]>`
    select annotator_id as "annotatorId", counted from annotations where campaign_id = ${campaignId}`;
}

describe('racing', () => {
  test('64 annotators race for one slot, each submitting twice: one answer, stored once', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { redundancy: 1 }, annotators: 64 });
    const offers = await Promise.all(annotators.map(({ apiKey }) => next(apiKey, id)));
    const won = offers.flatMap((offer, at) => (offer.status === 200 ? [{ offer, key: annotators[at]?.apiKey }] : []));
    expect(offers.map(({ status }) => status).filter((status) => status !== 204)).toEqual([200]);
    const [winner] = won;
    const assignmentId = winner?.offer.body.assignmentId as string;
    const answers = await Promise.all(
      annotators.flatMap(({ apiKey }) => [submit(apiKey, assignmentId), submit(apiKey, assignmentId)]),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 201, ...new Array<number>(126).fill(403)]);
    const receipts = answers.filter(({ status }) => status < 300).map(({ body }) => body);
    expect(receipts[0]).toEqual(receipts[1]);
    expect(await annotationsOf(id)).toHaveLength(1);
  });

  test('64 annotators at a time get k slots each once, and no task has more than its redundancy', async () => {
    const { id, annotators } = await runningCampaign(rig, { items: texts(16), annotators: 64 });
    const rounds: Answer[] = [];
    const work = async ({ apiKey }: { apiKey: string }) => {
      for (;;) {
        const offer = await next(apiKey, id);
        if (offer.status !== 200) return rounds.push(offer);
        const answers = await Promise.all([
          submit(apiKey, offer.body.assignmentId),
          submit(apiKey, offer.body.assignmentId),
        ]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
      }
    };
    await Promise.all(annotators.map(work));
    expect(new Set(rounds.map(({ status }) => status))).toEqual(new Set([204]));
    const counts = await rig.db<{ answers: number; people: number }[]>`
      select count(*)::int as answers, count(distinct annotator_id)::int as people
      from annotations where campaign_id = ${id} group by task_id`;
    expect(counts).toHaveLength(16);
    for (const { answers, people } of counts) expect([answers, people]).toEqual([3, 3]);
  });

  test('one annotator in eight tabs gets eight different tasks', async () => {
    const { id, annotators } = await runningCampaign(rig, { items: texts(8), settings: { maxLeases: 8 } });
    const key = annotators[0]?.apiKey;
    const offers = await Promise.all(Array.from({ length: 8 }, () => next(key, id)));
    expect(offers.map(({ status }) => status)).toEqual(new Array(8).fill(200));
    expect(new Set(offers.map(({ body }) => body.task.payload.text)).size).toBe(8);
  });

  test('the same submission eight times at once is one annotation and one receipt', async () => {
    const { id, annotators } = await runningCampaign(rig);
    const key = annotators[0]?.apiKey;
    const offer = await next(key, id);
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(key, offer.body.assignmentId)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await annotationsOf(id)).toHaveLength(1);
    const told = await rig.db`select 1 from outbox where message = 'annotationsSubmitted' and target_id in
      (select id::text from tasks where campaign_id = ${id})`;
    expect(told).toHaveLength(1);
  });
});

describe('holding', () => {
  test('who holds as many leases as allowed gets the oldest one again', async () => {
    const { id, annotators } = await runningCampaign(rig, { items: texts(4), settings: { maxLeases: 2 } });
    const key = annotators[0]?.apiKey;
    const [first, second] = [await next(key, id), await next(key, id)];
    const again = await next(key, id);
    expect(again.body).toEqual(first.body);
    expect((await submit(key, second.body.assignmentId)).status).toBe(201);
    expect((await next(key, id)).body.assignmentId).not.toBe(first.body.assignmentId);
  });

  test('the lease of a task that has ended is held no more: it counts for nothing and is not given again', async () => {
    const items = [{ text: 'one' }, { text: 'two' }];
    const { id, annotators } = await runningCampaign(rig, {
      items,
      settings: { maxLeases: 1, dailyLimit: 1, redundancy: 1 },
    });
    const [me] = annotators;
    const first = await next(me?.apiKey, id);
    await rig.db`
      update slots set state = 'closed', annotator_id = null, assignment_id = null, lease_expires_at = null
      where assignment_id = ${first.body.assignmentId}`;
    const second = await next(me?.apiKey, id);
    expect(second.status).toBe(200);
    expect(second.body.assignmentId).not.toBe(first.body.assignmentId);
    expect((await next(me?.apiKey, id)).body.assignmentId).toBe(second.body.assignmentId);
  });

  test('golds that other processes have given count, a minute later', async () => {
    let nowMs = 0;
    const desks = new Desks(rig.db, () => nowMs);
    const items = [{ text: 'one' }, ...Array.from({ length: 4 }, (_, at) => ({ text: `gold ${at}`, gold: 'spam' }))];
    const { id, annotators } = await runningCampaign(rig, { items, settings: { goldRatio: 0.5, goldFloor: 4 } });
    const [{ id: me, apiKey } = { id: '', apiKey: '' }] = annotators;
    expect(await desks.of(me, id)).toMatchObject({ answered: 0, golds: 0 });
    for (;;) {
      const { status, body } = await next(apiKey, id);
      if (status === 204) break;
      const path = `/v1/assignments/${body.assignmentId}/annotation`;
      expect((await rig.call(apiKey, 'POST', path, { label: 'spam', timeSpentS: 20 })).status).toBe(201);
    }
    const counts = await leaseCounts(rig.db, { annotatorId: me, campaignId: id });
    expect(counts.answered).toBeGreaterThan(0);
    nowMs = 61_000;
    expect(await desks.of(me, id)).toMatchObject({ answered: counts.answered, golds: counts.golds });
  });

  test('a released task is not offered to its annotator again, but to others', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { redundancy: 1 } });
    const [a, b] = annotators;
    const offer = await next(a?.apiKey, id);
    const path = `/v1/assignments/${offer.body.assignmentId}`;
    expect((await rig.call(b?.apiKey, 'POST', `${path}/release`)).body).toMatchObject({ code: 'lease_foreign' });
    expect((await rig.call(a?.apiKey, 'POST', `${path}/skip`, { reason: 'Not in my language' })).status).toBe(204);
    expect((await rig.call(a?.apiKey, 'POST', `${path}/skip`)).status).toBe(204);
    expect((await submit(a?.apiKey, offer.body.assignmentId)).body).toMatchObject({
      status: 409,
      code: 'lease_expired',
    });
    expect((await next(a?.apiKey, id)).status).toBe(204);
    const taken = await next(b?.apiKey, id);
    expect(taken.status).toBe(200);
    await submit(b?.apiKey, taken.body.assignmentId);
    expect(
      (await rig.call(b?.apiKey, 'POST', `/v1/assignments/${taken.body.assignmentId}/release`)).body,
    ).toMatchObject({
      status: 409,
      code: 'conflict',
    });
  });

  test('an annotator of a lower tier or another workforce gets nothing', async () => {
    const { id } = await runningCampaign(rig, { settings: { redundancy: 1, tier: 'crowd' } });
    const [stranger] = await addAnnotators(rig, 1, { workforce: 'vendor-x' });
    expect((await next(stranger?.apiKey, id)).status).toBe(204);
    await rig.db`update slots set required_tier = 2 where campaign_id = ${id}`;
    const [crowd] = await addAnnotators(rig, 1);
    const [expert] = await addAnnotators(rig, 1, { tier: 'expert' });
    expect((await next(crowd?.apiKey, id)).status).toBe(204);
    expect((await next(expert?.apiKey, id)).status).toBe(200);
  });

  test('a slot that has gone to another workforce since it was seen is not given out', async () => {
    const items = [{ text: 'one' }, { text: 'two' }];
    const { id, annotators } = await runningCampaign(rig, { items, settings: { redundancy: 2 }, annotators: 2 });
    const [first, second] = annotators;
    expect((await rig.call(first?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id })).status).toBe(200);
    // What is left in the window of their workforce is a moment old now.
    await rig.db`update slots set workforce = 'prolific' where campaign_id = ${id} and state = 'open'`;
    expect((await rig.call(second?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id })).status).toBe(204);
  });

  test("tasks of one of the annotator's domains come first", async () => {
    const items = [...texts(40), { key: 'law', text: 'A contract', domain: 'law' }];
    const { id } = await runningCampaign(rig, { items });
    const [lawyer] = await addAnnotators(rig, 1, { specializations: ['law'] });
    expect((await next(lawyer?.apiKey, id)).body.task.payload.text).toBe('A contract');
  });
});

describe('late answers', () => {
  /** Somebody who is given a gold first, where one task of work is beside it. */
  async function meetsGold(settings: Record<string, unknown> = {}) {
    const { id, annotators, taskIds } = await runningCampaign(rig, {
      items: [...texts(1), { key: 'g', text: 'gold', gold: 'spam' }],
      settings: { goldRatio: 1, redundancy: 1, ...settings },
    });
    const [who] = annotators;
    const key = who?.apiKey;
    await rig.db`update annotators set standing = 'recalibrating', routine_check = true where id = ${who?.id ?? ''}`;
    const gold = await next(key, id);
    expect(gold.body.task.payload.text).toBe('gold');
    return { id, key, taskIds, gold };
  }

  const expire = async (assignmentId: string) => {
    await rig.db`update assignments set expires_at = now() - interval '1 second' where id = ${assignmentId}`;
    await rig.db`update slots set lease_expires_at = now() - interval '1 second' where assignment_id = ${assignmentId}`;
    expect(await expireLeases(rig.db, 10)).toBe(1);
  };

  test('with the slot still open the answer counts', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { redundancy: 1 } });
    const [a] = annotators;
    const offer = await next(a?.apiKey, id);
    await expire(offer.body.assignmentId);
    expect((await submit(a?.apiKey, offer.body.assignmentId)).status).toBe(201);
    expect(await annotationsOf(id)).toEqual([{ annotatorId: a?.id, counted: true }]);
    expect((await next(annotators[1]?.apiKey, id)).status).toBe(204);
  });

  test('a task whose lease ran out comes back to the same annotator where nobody took it, after what is new, and once answered never again', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(2),
      settings: { redundancy: 1, goldRatio: 0 },
    });
    const key = annotators[0]?.apiKey;
    const offer = await next(key, id);
    const { assignmentId } = offer.body;
    await expire(assignmentId);
    const other = await next(key, id);
    expect(other.body.task.payload).not.toEqual(offer.body.task.payload);
    const again = await next(key, id);
    expect(again.body).toEqual({ ...offer.body, expiresAt: expect.any(String) });
    expect(Date.parse(again.body.expiresAt)).toBeGreaterThan(Date.now());
    // Held: nobody else is given it meanwhile, and it is not offered twice.
    expect((await next(annotators[1]?.apiKey, id)).status).toBe(204);
    expect((await submit(key, other.body.assignmentId)).status).toBe(201);
    expect((await next(key, id)).status).toBe(204);
    await expire(assignmentId);
    expect((await next(key, id)).body.assignmentId).toBe(assignmentId);
    expect((await submit(key, assignmentId)).status).toBe(201);
    expect((await submit(key, assignmentId)).status).toBe(200);
    expect((await next(key, id)).status).toBe(204);
    expect(await annotationsOf(id)).toEqual([0, 1].map(() => ({ annotatorId: annotators[0]?.id, counted: true })));
    expect(Object.values(await checkInvariants(rig.db, id))).not.toContain(false);
    expect((await recounted(rig.db, id)).tallied).toEqual((await recounted(rig.db, id)).counted);
  });

  test('a task that was given back comes back likewise, with the time for which it was held; one that was skipped does not', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(2),
      settings: { redundancy: 3, goldRatio: 0 },
    });
    const key = annotators[0]?.apiKey;
    const why = async () => (await rig.call(key, 'GET', `/v1/me/work?campaignId=${id}`)).body.why;
    const offer = await next(key, id);
    const { assignmentId } = offer.body;
    await rig.db`update assignments set leased_at = leased_at - interval '60 seconds' where id = ${assignmentId}`;
    expect((await rig.call(key, 'POST', `/v1/assignments/${assignmentId}/release`)).status).toBe(204);
    const other = await next(key, id);
    expect(other.body.assignmentId).not.toBe(assignmentId);
    expect((await submit(key, other.body.assignmentId)).status).toBe(201);
    expect(await why()).toBe('none');
    expect((await next(key, id)).body).toEqual({ ...offer.body, expiresAt: expect.any(String) });
    const [held] = await rig.db<{ s: number }[]>`select held_s as s from assignments where id = ${assignmentId}`;
    expect(held?.s).toBeGreaterThanOrEqual(60);
    expect(held?.s).toBeLessThan(600);
    await rig.call(key, 'POST', `/v1/assignments/${assignmentId}/skip`, { reason: 'cannot_tell' });
    expect((await next(key, id)).status).toBe(204);
    // Others are needed for both.
    expect(await why()).toBe('met_all');
    expect(Object.values(await checkInvariants(rig.db, id))).not.toContain(false);
  });

  test('it comes back in another slot of the task where its own is taken, and not at all where none is open', async () => {
    const { id, annotators, taskIds } = await runningCampaign(rig, {
      items: texts(1),
      settings: { redundancy: 2, goldRatio: 0 },
    });
    const [a, b, c] = annotators;
    const { assignmentId } = (await next(a?.apiKey, id)).body;
    await expire(assignmentId);
    await rig.db`update slots set state = 'closed' where task_id = ${taskIds[0] ?? ''} and slot_no = 2`;
    const taken = await next(b?.apiKey, id);
    expect((await next(a?.apiKey, id)).status).toBe(204);
    await rig.db`update slots set state = 'open' where task_id = ${taskIds[0] ?? ''} and slot_no = 2`;
    const again = await next(a?.apiKey, id);
    expect(again.body.assignmentId).toBe(assignmentId);
    expect((await next(c?.apiKey, id)).status).toBe(204);
    expect((await submit(a?.apiKey, assignmentId)).status).toBe(201);
    expect((await submit(b?.apiKey, taken.body.assignmentId)).status).toBe(201);
    expect((await annotationsOf(id)).map(({ counted }) => counted)).toEqual([true, true]);
    expect(Object.values(await checkInvariants(rig.db, id))).not.toContain(false);
  });

  test('a gold comes back with work that does, its money held again, and never beyond what may be held or answered', async () => {
    const { id, key, taskIds, gold } = await meetsGold({ maxLeases: 1 });
    const held = async () => {
      const [pot] = await rig.db<{ held: bigint }[]>`
        select held_micros as held from authorizations where campaign_id = ${id} and task_id is null`;
      return pot?.held ?? -1n;
    };
    const before = await held();
    await expire(gold.body.assignmentId);
    const work = await next(key, id);
    expect(work.body.task.payload.text).toBe('mail 0');
    expect((await next(key, id)).body.assignmentId).toBe(work.body.assignmentId);
    expect(await held()).toBe(0n);
    await expire(work.body.assignmentId);
    // As with others who take the work: the gold stays away as the work does.
    await rig.db`update slots set state = 'closed' where task_id = ${taskIds[0] ?? ''}`;
    expect((await next(key, id)).status).toBe(204);
    await rig.db`update slots set state = 'open' where task_id = ${taskIds[0] ?? ''}`;
    // Its pay was raised while they were away: that of both is.
    await rig.db`update tasks set price_micros = price_micros + 7 where id = ${taskIds[0] ?? ''}`;
    const raised = ({ task, ...rest }: typeof gold.body) => {
      const pay = { priceMicros: task.priceMicros + 7, priceUsd: expect.any(String) };
      return { ...rest, expiresAt: expect.any(String), task: { ...task, ...pay } };
    };
    const again = await next(key, id);
    expect(again.body).toEqual(raised(gold.body));
    expect(await held()).toBe(before + 7n);
    expect((await submit(key, gold.body.assignmentId)).status).toBe(201);
    const last = await next(key, id);
    expect(last.body).toEqual(raised(work.body));
    expect((await submit(key, work.body.assignmentId)).status).toBe(201);
    expect((await next(key, id)).status).toBe(204);
    expect(Object.values(await checkInvariants(rig.db, id))).not.toContain(false);
  });

  test('a gold that was given back comes back as work does', async () => {
    const { id, key, gold } = await meetsGold();
    const work = await next(key, id);
    for (const { body } of [gold, work]) await rig.call(key, 'POST', `/v1/assignments/${body.assignmentId}/release`);
    expect((await next(key, id)).body.assignmentId).toBe(gold.body.assignmentId);
    expect((await next(key, id)).body.assignmentId).toBe(work.body.assignmentId);
    expect(Object.values(await checkInvariants(rig.db, id))).not.toContain(false);
  });

  test('a gold does not come back alone', async () => {
    const { id, key, gold } = await meetsGold();
    const work = await next(key, id);
    await expire(gold.body.assignmentId);
    expect((await submit(key, work.body.assignmentId)).status).toBe(201);
    expect((await next(key, id)).status).toBe(204);
  });

  test('with the slot given to someone else it is kept, not counted, and looks the same', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { redundancy: 1 } });
    const [a, b] = annotators;
    const offer = await next(a?.apiKey, id);
    await expire(offer.body.assignmentId);
    const taken = await next(b?.apiKey, id);
    expect(taken.status).toBe(200);
    const late = await submit(a?.apiKey, offer.body.assignmentId);
    const counted = await submit(b?.apiKey, taken.body.assignmentId);
    expect([late.status, counted.status]).toEqual([201, 201]);
    expect(Object.keys(late.body)).toEqual(Object.keys(counted.body));
    const kept = await annotationsOf(id);
    expect(kept).toHaveLength(2);
    expect(kept.find(({ annotatorId }) => annotatorId === a?.id)?.counted).toBe(false);
    expect(kept.find(({ annotatorId }) => annotatorId === b?.id)?.counted).toBe(true);
    const told = await rig.db`select message from outbox where kind = 'late_answer'`;
    expect(told).toHaveLength(1);
  });

  test('to a gold counts as one to work whose slot is still open, where late answers are not paid too', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(2), { key: 'g', text: 'gold', gold: 'spam' }],
      settings: { goldRatio: 1, redundancy: 1, lateAnswers: 'keep_unpaid' },
    });
    const held = async () => {
      const [pot] = await rig.db<{ held: bigint }[]>`
        select held_micros as held from authorizations where campaign_id = ${id} and task_id is null`;
      return pot?.held;
    };
    await rig.db`update annotators set standing = 'recalibrating' where id = ${annotators[0]?.id ?? ''}`;
    const key = annotators[0]?.apiKey;
    const offer = await next(key, id);
    expect(offer.body.task.payload.text).toBe('gold');
    const before = await held();
    await expire(offer.body.assignmentId);
    expect(await held()).toBe(0n);
    expect((await submit(key, offer.body.assignmentId)).status).toBe(201);
    expect(await annotationsOf(id)).toEqual([{ annotatorId: annotators[0]?.id, counted: true }]);
    expect(await held()).toBe(before);
    const told = await rig.db`select kind from outbox where target_id = ${annotators[0]?.id ?? ''}`;
    expect(told).toEqual([{ kind: 'signal_annotator' }]);
  });

  test('to a gold are left unpaid as often as those to work have been, so that pay tells neither', async () => {
    const golds = Array.from({ length: 20 }, (_, at) => ({ key: `g${at}`, text: `gold ${at}`, gold: 'spam' }));
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(3), ...golds],
      annotators: 3,
      settings: { goldRatio: 0, redundancy: 1, lateAnswers: 'keep_unpaid', maxLeases: 50, priceUsd: '0.01' },
    });
    const [me, late, quick] = annotators;
    const slow = await next(late?.apiKey, id);
    await expire(slow.body.assignmentId);
    await rig.db`update slots set state = 'closed' where campaign_id = ${id} and state = 'open' and not exists (
      select from assignments a where a.task_id = slots.task_id)`;
    expect((await next(quick?.apiKey, id)).status).toBe(200);
    await submit(late?.apiKey, slow.body.assignmentId);
    // Of one late answer to work one was not taken: of golds half are.
    const tasks = await rig.db<{ id: string }[]>`
      select t.id from tasks t where t.campaign_id = ${id} and t.kind = 'gold'`;
    expect(tasks).toHaveLength(20);
    for (const _ of tasks) {
      const lease = {
        assignmentId: newId(),
        annotatorId: me?.id ?? '',
        campaignId: id,
        tier: 3,
        leaseMs: 60_000,
        from: 0,
      };
      await leaseGold(rig.db, lease);
      await expire(lease.assignmentId);
      expect((await submit(me?.apiKey, lease.assignmentId)).status).toBe(201);
    }
    const counted = (await annotationsOf(id))
      .filter(({ annotatorId }) => annotatorId === me?.id)
      .map((each) => each.counted);
    expect(counted).toHaveLength(20);
    expect(new Set(counted)).toEqual(new Set([true, false]));
  });

  test('to a gold are kept as any late one where there is no gold money left', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(2), { key: 'g', text: 'gold', gold: 'spam' }],
      settings: { goldRatio: 1, redundancy: 1 },
    });
    await rig.db`update annotators set standing = 'recalibrating' where id = ${annotators[0]?.id ?? ''}`;
    const key = annotators[0]?.apiKey;
    const offer = await next(key, id);
    await expire(offer.body.assignmentId);
    await rig.db`
      update authorizations set released_micros = amount_micros - committed_micros
      where campaign_id = ${id} and task_id is null`;
    expect((await submit(key, offer.body.assignmentId)).status).toBe(201);
    expect(await annotationsOf(id)).toEqual([{ annotatorId: annotators[0]?.id, counted: false }]);
  });
});

describe('gold', () => {
  test('cannot be told from work by anything in the answers', async () => {
    const gold = Array.from({ length: 30 }, (_, at) => ({ key: `g${at}`, text: `gold ${at}`, gold: 'spam' }));
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(30), ...gold],
      settings: { goldRatio: 0.5, redundancy: 3 },
    });
    const key = annotators[0]?.apiKey;
    const shapes = new Set<string>();
    const kinds = new Set<string>();
    for (let i = 0; i < 24; i++) {
      const offer = await next(key, id);
      const receipt = await submit(key, offer.body.assignmentId);
      const {
        headers: { date: _, 'content-length': length, ...headers },
        body,
      } = offer;
      expect(Number(length)).toBeGreaterThan(0);
      expect(offer.body.assignmentId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      shapes.add(JSON.stringify([shapeOf(body), shapeOf(receipt.body), receipt.status, headers]));
      const [row] = await rig.db<{ kind: string }[]>`
        select t.kind from assignments a join tasks t on t.id = a.task_id where a.id = ${offer.body.assignmentId}`;
      kinds.add(row?.kind ?? '');
      const leads = (await rig.call(key, 'GET', '/v1/me')).body.annotator;
      expect(Object.keys(leads).sort()).toEqual([
        'answers',
        'id',
        'name',
        'specializations',
        'standing',
        'standingReason',
        'tier',
      ]);
      expect(leads.answers).toBe(i + 1);
    }
    expect(kinds).toEqual(new Set(['gold', 'work']));
    expect(shapes.size).toBe(1);
  });

  test('a recalibrating annotator gets work among golds, while there are any, and a suspended one nothing', async () => {
    const gold = Array.from({ length: 3 }, (_, at) => ({ key: `g${at}`, text: `gold ${at}`, gold: 'spam' }));
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(60), ...gold],
      settings: { maxLeases: 50, goldRatio: 0.05 },
    });
    const [a, b] = annotators;
    await rig.db`update annotators set standing = 'recalibrating' where id = ${a?.id ?? ''}`;
    await rig.db`update annotators set standing = 'suspended', standing_reason = 'Too many wrong.' where id = ${b?.id ?? ''}`;
    const seen: string[] = [];
    for (let offer = await next(a?.apiKey, id); offer.status === 200; offer = await next(a?.apiKey, id)) {
      seen.push(offer.body.task.payload.text);
    }
    const golds = seen.filter((text) => text.startsWith('gold'));
    expect(golds.sort()).toEqual(['gold 0', 'gold 1', 'gold 2']);
    // By then every other task was work, not all of it: a million to one that the draws go so far astray.
    expect(seen.length - golds.length).toBeLessThan(40);
    expect((await next(a?.apiKey, id)).status).toBe(204);
    expect((await next(b?.apiKey, id)).body).toMatchObject({ status: 403, code: 'suspended' });
  });

  test('without money for gold there is work', async () => {
    const gold = [{ key: 'g', text: 'gold', gold: 'spam' }];
    const { id, annotators } = await runningCampaign(rig, {
      items: [...texts(2), ...gold],
      settings: { goldRatio: 1 },
    });
    await rig.db`
      update authorizations set released_micros = amount_micros where campaign_id = ${id} and task_id is null`;
    expect((await next(annotators[0]?.apiKey, id)).body.task.payload.text).toMatch(/^mail/);
  });
});

describe('pairs', () => {
  test('are shown in either order, and answers are stored in the stored order', async () => {
    const items = Array.from({ length: 20 }, (_, at) => ({ key: `p${at}`, prompt: `q${at}`, a: 'better', b: 'worse' }));
    const { id, annotators } = await runningCampaign(rig, {
      items,
      settings: { type: 'pairwise', config: {}, redundancy: 1 },
      annotators: 1,
    });
    const orders = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const offer = await next(annotators[0]?.apiKey, id);
      const { payload } = offer.body.task;
      orders.add(payload.a);
      const label = { choice: payload.a === 'better' ? 'a' : 'b' };
      expect((await submit(annotators[0]?.apiKey, offer.body.assignmentId, label)).status).toBe(201);
      // The repeat says it in the order that was shown, too.
      expect((await submit(annotators[0]?.apiKey, offer.body.assignmentId, label)).status).toBe(200);
    }
    expect(orders).toEqual(new Set(['better', 'worse']));
    const stored = await rig.db<{ label: unknown }[]>`
      select l.label from annotation_labels l join annotations n on n.id = l.annotation_id where n.campaign_id = ${id}`;
    expect(new Set(stored.map(({ label }) => JSON.stringify(label)))).toEqual(new Set(['{"choice":"a"}']));
  });
});

describe('without a campaign in the request', () => {
  test("all open campaigns of the annotator's workforce are served, none is starved", async () => {
    const settings = { workforces: ['shared-desk'], redundancy: 1 };
    const desk = { workforce: 'shared-desk' };
    await addAnnotators(rig, 3, desk);
    const campaigns = [
      await runningCampaign(rig, { settings, items: texts(5) }),
      await runningCampaign(rig, { settings, items: texts(5) }),
    ];
    const [worker] = await addAnnotators(rig, 1, desk);
    await expect.poll(async () => (await rig.call(worker?.apiKey, 'POST', '/v1/assignments/next')).status).toBe(200);
    const seen = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const offer = await rig.call(worker?.apiKey, 'POST', '/v1/assignments/next');
      seen.add(offer.body.campaignId);
      await submit(worker?.apiKey, offer.body.assignmentId);
    }
    expect(seen).toEqual(new Set(campaigns.map(({ id }) => id)));
  });

  test('a campaign that is no more or not there is named; a draft has nothing yet', async () => {
    const { id, annotators } = await runningCampaign(rig);
    const key = annotators[0]?.apiKey;
    await rig.db`update campaigns set state = 'finished', ended_at = now() where id = ${id}`;
    await expect.poll(async () => (await next(key, id)).body?.code).toBe('campaign_closed');
    expect((await next(key, nobodysId())).body).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('waiting for work', () => {
  const wait = (key: string | undefined, campaignId: string, waitS: number) =>
    rig.call(key, 'POST', '/v1/assignments/next', { campaignId, waitS });

  test('whoever waits gets work as soon as there is some, and nobody gets more than there is', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(1),
      annotators: 4,
      settings: { redundancy: 1 },
    });
    const [first, ...others] = annotators.map(({ apiKey }) => apiKey);
    const taken = await next(first, id);
    const waiting = Promise.all(others.map((key) => wait(key, id, 20)));
    await fillQueue(rig.db, id, 3);
    const startedMs = performance.now();
    const offers = await waiting;
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(offers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const ids = [taken, ...offers].map(({ body }) => body.assignmentId);
    expect(new Set(ids).size).toBe(4);
  });

  test('a wait ends without work after its time, and is refused when it is too long', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(1),
      annotators: 2,
      settings: { redundancy: 1 },
    });
    await next(annotators[0]?.apiKey, id);
    const startedMs = performance.now();
    expect((await wait(annotators[1]?.apiKey, id, 0.4)).status).toBe(204);
    expect(performance.now() - startedMs).toBeGreaterThan(390);
    expect((await wait(annotators[1]?.apiKey, id, 61)).status).toBe(422);
  });

  test('whoever waits with many requests at once has the oldest of them ended', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(1),
      annotators: 2,
      settings: { redundancy: 1, maxLeases: 10 },
    });
    await next(annotators[0]?.apiKey, id);
    const done: number[] = [];
    const waiting = Array.from({ length: 6 }, (_, at) =>
      wait(annotators[1]?.apiKey, id, 20).then((answer) => {
        done.push(at);
        return answer;
      }),
    );
    const startedMs = performance.now();
    const ended = await Promise.any(waiting);
    expect(ended.status).toBe(204);
    // Not at once: whoever asks again would end another one, without end.
    expect(performance.now() - startedMs).toBeGreaterThan(4000);
    await expect.poll(() => done.length).toBe(2);
    await fillQueue(rig.db, id, 12);
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 204, 204]);
  });

  test('whoever was suspended, or lost their key, while waiting is given nothing', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(1),
      annotators: 3,
      settings: { redundancy: 1 },
    });
    const [holder, suspended, revoked] = annotators.map(({ apiKey }) => apiKey);
    await next(holder, id);
    const waiting = Promise.all([wait(suspended, id, 30), wait(revoked, id, 30)]);
    await rig.db`update annotators set standing = 'suspended' where id = ${annotators[1]?.id ?? ''}`;
    await rig.db`update api_keys set revoked_at = now() where annotator_id = ${annotators[2]?.id ?? ''}`;
    await expect.poll(async () => (await next(suspended, id)).body?.code, { timeout: 10_000 }).toBe('suspended');
    await expect.poll(async () => (await next(revoked, id)).status, { timeout: 10_000 }).toBe(401);
    await fillQueue(rig.db, id, 3);
    expect((await waiting).map(({ body }) => body?.code)).toEqual(['suspended', 'unauthorized']);
    const given = await rig.db`
      select from assignments where annotator_id = any(${annotators.slice(1).map((each) => each.id)}::uuid[])`;
    expect(given).toHaveLength(0);
  });

  test('whoever went away while waiting is given nothing', async () => {
    const { id, annotators } = await runningCampaign(rig, {
      items: texts(1),
      annotators: 3,
      settings: { redundancy: 1 },
    });
    const [holder, gone, other] = annotators.map(({ apiKey }) => apiKey ?? '');
    await next(holder, id);
    const url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
    const leave = new AbortController();
    const left = fetch(`${url}/v1/assignments/next`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gone}`, 'content-type': 'application/json' },
      body: JSON.stringify({ campaignId: id, waitS: 20 }),
      signal: leave.signal,
    });
    await wait(other, id, 0.3);
    leave.abort();
    await expect(left).rejects.toThrow();
    await wait(other, id, 0.3);
    await fillQueue(rig.db, id, 1);
    expect((await wait(other, id, 10)).status).toBe(200);
    const given = await rig.db`select from assignments where annotator_id = ${annotators[1]?.id ?? ''}`;
    expect(given).toHaveLength(0);
  });
});

function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}
