import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../api/new-id.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { until } from '../support/rig.ts';
import { addAnnotators, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const QUESTIONS = 6;
const truthOf = (text: string) => (text.startsWith('spam') ? 'spam' : 'ham');
const golds = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const gold = at % 4 === 0 ? 'spam' : 'ham';
    return { key: `g${at}`, text: `${gold} number ${at}`, gold };
  });

async function campaignWith(count: number, calibration: Record<string, unknown> = {}) {
  const settings = { goldRatio: 0.05, calibration: { questions: QUESTIONS, examples: 2, ...calibration } };
  const items = [{ key: 'work', text: 'Buy now' }, ...golds(count)];
  const { id, annotators } = await runningCampaign(rig, { settings, items });
  const [me] = annotators;
  if (!me) throw new Error('There is no annotator.');
  return { id, me };
}
const doubt = (annotatorId: string) =>
  rig.db`update annotators set standing = 'recalibrating' where id = ${annotatorId}`;
/** An annotator is remembered for a second. */
const callAs = (apiKey: string) => (method: string, path: string, body?: unknown) =>
  rig.call(apiKey, method, path, body);

async function answerAll(call: ReturnType<typeof callAs>, first: Awaited<ReturnType<Rig['call']>>, wrong: number) {
  let session = first.body;
  const verdicts: boolean[] = [];
  while (session.question) {
    const { number, payload } = session.question;
    const truth = truthOf(payload.text);
    const label = number <= wrong ? (truth === 'spam' ? 'ham' : 'spam') : truth;
    const { status, body } = await call('POST', `/v1/me/calibrations/${session.id}/answers`, { number, label });
    expect(status).toBe(201);
    expect(body).toMatchObject({ number, known: truth, correct: label === truth });
    verdicts.push(body.correct);
    session = body.session;
  }
  return { session, verdicts };
}

async function told(annotatorId: string) {
  return rig.db`
    select message, payload from outbox where kind = 'signal_annotator' and target_id = ${annotatorId} and message = 'calibrated'`;
}

describe('a calibration session', () => {
  test('has worked examples and a test with feedback, and its end is told to the annotator’s workflow', async () => {
    const { id, me } = await campaignWith(16);
    await doubt(me.id);
    const call = callAs(me.apiKey);
    expect((await call('GET', '/v1/me/calibrations')).body.items).toMatchObject([
      { campaignId: id, called: true, reason: 'recalibration', sessionId: null },
    ]);
    const begun = await call('POST', '/v1/me/calibrations', { campaignId: id });
    expect(begun.status).toBe(201);
    expect(begun.body).toMatchObject({ state: 'open', questions: QUESTIONS, needed: 5, answered: 0, paid: false });
    for (const { payload, label } of begun.body.examples) expect(label).toBe(truthOf(payload.text));
    expect(new Set(begun.body.examples.map((each: { label: string }) => each.label))).toEqual(new Set(['spam', 'ham']));
    expect(JSON.stringify(begun.body.question)).not.toContain('known');
    expect((await call('POST', '/v1/me/calibrations', { campaignId: id })).body.id).toBe(begun.body.id);

    const { session, verdicts } = await answerAll(call, begun, 1);
    expect(session).toMatchObject({ state: 'passed', answered: QUESTIONS, right: QUESTIONS - 1, question: null });
    expect(await told(me.id)).toMatchObject([
      {
        payload: { sessionId: session.id, taskType: 'classification', results: verdicts.map(Number), needed: 5 },
      },
    ]);
    const { body } = await rig.call(rig.requester, 'GET', `/v1/annotators/${me.id}/calibrations`);
    expect(body.items).toMatchObject([{ id: session.id, state: 'passed', right: QUESTIONS - 1 }]);
    expect(body.items[0].results).toHaveLength(QUESTIONS);
    expect(body.items[0].results[0]).toMatchObject({ known: expect.any(String), label: expect.any(String) });
    // Who only looks on learns no right answers.
    const seen = (await rig.call(rig.viewer, 'GET', `/v1/annotators/${me.id}/calibrations`)).body.items[0];
    expect([seen.right, seen.results.length]).toEqual([QUESTIONS - 1, QUESTIONS]);
    expect(JSON.stringify(seen)).not.toMatch(/"(known|label)"/);
  });

  test('is failed below the share that is needed', async () => {
    const { id, me } = await campaignWith(16);
    await doubt(me.id);
    const call = callAs(me.apiKey);
    const { session } = await answerAll(call, await call('POST', '/v1/me/calibrations', { campaignId: id }), 2);
    expect(session).toMatchObject({ state: 'failed', right: QUESTIONS - 2 });
    expect(await told(me.id)).toHaveLength(1);
  });

  test('takes each answer once and in order; a repeat gets the same verdict, another label a conflict', async () => {
    const { id, me } = await campaignWith(16);
    await doubt(me.id);
    const call = callAs(me.apiKey);
    const { body } = await call('POST', '/v1/me/calibrations', { campaignId: id });
    const answer = (number: number, label: string) =>
      call('POST', `/v1/me/calibrations/${body.id}/answers`, { number, label });
    expect(await answer(2, 'spam')).toMatchObject({ status: 409 });
    expect(await answer(1, 'eggs')).toMatchObject({ status: 422 });
    const [first, second] = await Promise.all([answer(1, 'spam'), answer(1, 'spam')]);
    expect([first.status, second.status].sort()).toEqual([200, 201]);
    expect(first.body.correct).toBe(second.body.correct);
    expect((await answer(1, 'ham')).status).toBe(409);
    expect((await call('GET', `/v1/me/calibrations/${body.id}`)).body).toMatchObject({ answered: 1 });
    const [other] = await addAnnotators(rig, 1);
    expect((await rig.call(other?.apiKey, 'GET', `/v1/me/calibrations/${body.id}`)).status).toBe(404);
  });

  test('where there is no work, who is in doubt gets no gold either: it would be known for one', async () => {
    // By chance it would be gold's turn each time.
    const own = await startRig({ random: () => 0 });
    try {
      const items = [{ key: 'work', text: 'Buy now' }, ...golds(5)];
      const { id, annotators } = await runningCampaign(own, { settings: { goldRatio: 0.05 }, items });
      const [me] = annotators;
      await own.db`update annotators set standing = 'recalibrating' where id = ${me?.id ?? ''}`;
      const next = () => own.call(me?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
      const slotsOfWork = (state: 'open' | 'closed') => own.db`
        update slots s set state = ${state} from tasks t where t.id = s.task_id and t.kind = 'work'`;
      await slotsOfWork('closed');
      expect((await next()).status).toBe(204);
      await slotsOfWork('open');
      const offer = await until('there is work again', async () => {
        const { body, status } = await next();
        return status === 200 && body;
      });
      expect(offer.task.payload.text).toMatch(/number/);
    } finally {
      await own.close();
    }
  });

  test('shows no gold that was met before, and no gold it shows is met later', async () => {
    // Gold's turn each time, as long as there is work that it could be.
    const own = await startRig({ random: () => 0 });
    try {
      const settings = { goldRatio: 0.05, calibration: { questions: QUESTIONS, examples: 2 } };
      const items = [{ key: 'work', text: 'Buy now' }, ...golds(12)];
      const { id, annotators } = await runningCampaign(own, { settings, items });
      const [me] = annotators;
      const call = (method: string, path: string, body?: unknown) => own.call(me?.apiKey, method, path, body);
      await own.db`update annotators set standing = 'recalibrating' where id = ${me?.id ?? ''}`;
      const metOf = async () =>
        (
          await own.db<{ itemId: string }[]>`
            select t.item_id as "itemId" from assignments a join tasks t on t.id = a.task_id
            where a.annotator_id = ${me?.id ?? ''}`
        ).map(({ itemId }) => itemId);
      const lease = async () => {
        const { body, status } = await call('POST', '/v1/assignments/next', { campaignId: id });
        if (status === 200) {
          const path = `/v1/assignments/${body.assignmentId}/annotation`;
          await call('POST', path, { label: 'spam', timeSpentS: 9 });
        }
        return status;
      };
      expect([await lease(), await lease()]).toEqual([200, 200]);
      const before = await metOf();
      await call('POST', '/v1/me/calibrations', { campaignId: id });
      const shown = await own.db<{ itemId: string }[]>`
        select item_id as "itemId" from calibration_items where annotator_id = ${me?.id ?? ''}`;
      expect(shown).toHaveLength(QUESTIONS + 2);
      for (const { itemId } of shown) expect(before).not.toContain(itemId);
      while ((await lease()) === 200);
      const after = await metOf();
      expect(after).toHaveLength(4);
      for (const { itemId } of shown) expect(after).not.toContain(itemId);
    } finally {
      await own.close();
    }
  });

  test('shows what the form of a task shows and no more, in an order drawn for this annotator', async () => {
    const pairs = Array.from({ length: 12 }, (_, at) => ({
      ...{ key: `p${at}`, prompt: `Question ${at}`, a: `good ${at}`, b: `bad ${at}` },
      ...{ source: 'secret', gold: { choice: 'a' } },
    }));
    const settings = {
      type: 'pairwise',
      config: {},
      goldRatio: 0.05,
      calibration: { questions: QUESTIONS, examples: 2 },
    };
    const items = [{ key: 'work', prompt: 'Which?', a: 'x', b: 'y' }, ...pairs];
    const { id, annotators } = await runningCampaign(rig, { settings, items });
    const call = callAs(annotators[0]?.apiKey ?? '');
    await doubt(annotators[0]?.id ?? '');
    let { body: session } = await call('POST', '/v1/me/calibrations', { campaignId: id });
    expect(JSON.stringify(session)).not.toContain('secret');
    for (const { payload, label } of session.examples) {
      expect(payload[label.choice]).toMatch(/^good/);
    }
    while (session.question) {
      const { number, payload } = session.question;
      const choice = payload.a.startsWith('good') ? 'a' : 'b';
      const { body } = await call('POST', `/v1/me/calibrations/${session.id}/answers`, { number, label: { choice } });
      expect(body).toMatchObject({ correct: true, known: { choice } });
      session = body.session;
    }
    expect(session.state).toBe('passed');
    expect(JSON.stringify(session)).not.toContain('secret');
  });

  test('needs enough golds, and a reason', async () => {
    const { id, me } = await campaignWith(5);
    const call = callAs(me.apiKey);
    expect(await call('POST', '/v1/me/calibrations', { campaignId: id })).toMatchObject({ status: 409 });
    const other = await campaignWith(5);
    await doubt(other.me.id);
    const begin = () => rig.call(other.me.apiKey, 'POST', '/v1/me/calibrations', { campaignId: other.id });
    const refused = await begin();
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict' } });
    // How many are left would tell whether a task that was taken meanwhile is one of them.
    const [gold] = await rig.db<{ id: string }[]>`
      select t.id from tasks t where t.campaign_id = ${other.id} and t.kind = 'gold' limit 1`;
    await leaseGold(rig.db, {
      ...{ assignmentId: newId(), annotatorId: other.me.id, campaignId: other.id, tier: 3, leaseMs: 60_000, from: 0 },
    });
    expect(gold).toBeDefined();
    expect((await begin()).body).toEqual(refused.body);
  });

  test('can be required of everybody before they are offered tasks, and tried again later', async () => {
    const { id, me } = await campaignWith(16, { required: true, examples: 1, retryAfterDays: 3 });
    const call = callAs(me.apiKey);
    expect((await call('POST', '/v1/assignments/next', { campaignId: id })).status).toBe(403);
    const failed = await answerAll(call, await call('POST', '/v1/me/calibrations', { campaignId: id }), QUESTIONS);
    expect(failed.session).toMatchObject({ state: 'failed', reason: 'qualification' });
    // Nothing happens to the standing of somebody who is new to this campaign alone.
    expect(await told(me.id)).toHaveLength(0);
    const [offer] = (await call('GET', '/v1/me/calibrations')).body.items;
    expect(offer).toMatchObject({ called: false, reason: null });
    expect(Date.parse(offer.retryAt) - Date.parse(failed.session.endedAt)).toBe(3 * 86_400_000);
    expect((await call('POST', '/v1/me/calibrations', { campaignId: id })).status).toBe(409);

    await rig.db`update calibration_sessions set ended_at = now() - interval '4 days' where annotator_id = ${me.id}`;
    const again = await answerAll(call, await call('POST', '/v1/me/calibrations', { campaignId: id }), 0);
    expect(again.session.state).toBe('passed');
    expect((await call('POST', '/v1/assignments/next', { campaignId: id })).status).toBe(200);
  });
});
