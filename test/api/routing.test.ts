import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routingReasons, speaks } from '../../domain/routing-reasons.ts';
import { until } from '../support/rig.ts';
import { addAnnotators, type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const items = Array.from({ length: 5 }, (_, i) => ({ key: `i${i}`, text: `Mail ${i}`, domain: 'law' }));

describe('the language of a campaign', () => {
  test('is served by whoever lists it or a kind of it', () => {
    expect([speaks(['en-GB'], 'en'), speaks(['EN'], 'en'), speaks([], undefined)]).toEqual([true, true, true]);
    expect([speaks(['en'], 'en-GB'), speaks(['eng'], 'en'), speaks([], 'en')]).toEqual([false, false, false]);
    const tag = fc.stringMatching(/^[a-z]{2}(-[A-Z]{2})?$/);
    fc.assert(fc.property(tag, fc.array(tag), (language, others) => speaks([...others, language], language)));
  });

  test('decides who is offered its tasks, and who is counted', async () => {
    const campaign = await runningCampaign(rig, { settings: { language: 'pt' }, items, annotators: 0 }).catch((error) =>
      String(error),
    );
    expect(campaign).toMatch(/annotator/);
    const [speaker] = await addAnnotators(rig, 3, { languages: ['pt-BR'] });
    const { id, annotators } = await runningCampaign(rig, { settings: { language: 'pt' }, items });
    const next = (key = '') => rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id });
    expect((await next(annotators[0]?.apiKey)).status).toBe(204);
    expect((await next(speaker?.apiKey)).status).toBe(200);
    expect((await rig.call(rig.requester, 'GET', `/v1/campaigns/${id}`)).body.eligibleAnnotators).toBe(3);
  });
});

describe('a simulated annotator', () => {
  test('is counted and given tasks only where the campaign is simulated', async () => {
    const language = 'fi';
    const [program] = await addAnnotators(rig, 3, { simulated: true, languages: [language] });
    const next = (key = '') => rig.call(key, 'POST', '/v1/assignments/next', {});
    const real = () => runningCampaign(rig, { settings: { language }, items, annotators: 0 });
    await expect(real()).rejects.toThrow('only 0 active annotators');
    const people = await addAnnotators(rig, 3, { languages: [language] });
    const { id } = await real();
    const eligible = async (campaignId: string) =>
      (await rig.call(rig.requester, 'GET', `/v1/campaigns/${campaignId}`)).body.eligibleAnnotators;
    expect(await eligible(id)).toBe(3);
    expect((await next(program?.apiKey)).status).toBe(204);
    expect((await next(people[0]?.apiKey)).body.campaignId).toBe(id);
    const played = await runningCampaign(rig, { settings: { language, simulated: true }, items, annotators: 0 });
    expect(await eligible(played.id)).toBe(6);
    expect((await next(program?.apiKey)).body.campaignId).toBe(played.id);
  });
});

describe('the daily limit', () => {
  test('counts answers of today and what is held, each annotator by themselves', async () => {
    const { id, annotators } = await runningCampaign(rig, { settings: { dailyLimit: 2 }, items });
    const [me, other] = annotators;
    const next = (key = '') => rig.call(key, 'POST', '/v1/assignments/next', { campaignId: id });
    const first = await next(me?.apiKey);
    const given = { label: 'spam', timeSpentS: 9 };
    await rig.call(me?.apiKey, 'POST', `/v1/assignments/${first.body.assignmentId}/annotation`, given);
    expect((await next(me?.apiKey)).status).toBe(200);
    expect((await next(me?.apiKey)).status).toBe(204);
    expect((await next(other?.apiKey)).status).toBe(200);
    await rig.db`update annotations set submitted_at = submitted_at - interval '1 day' where annotator_id = ${me?.id ?? ''}`;
    expect((await next(me?.apiKey)).status).toBe(200);
  });
});

describe('why a task went to somebody', () => {
  test('is the score in its parts, in words', () => {
    const annotator = { tier: 'expert', qualityScore: 0.8, specializations: ['Law'] } as const;
    expect(routingReasons(annotator, { requiredTier: 'trained', priority: 2, domain: 'law' })).toEqual({
      score: 5.6,
      quality: 1.6,
      priority: 1,
      specialization: 3,
      why: "expert meets trained; quality 0.80 x 2 + priority 2 x 0.5 + 3 for the specialization law = 5.60 by today's quality; equals go in the order of the queue",
    });
  });

  test('is in the story of the task', async () => {
    const { id, annotators } = await runningCampaign(rig, { items });
    const [me] = annotators;
    const offer = await rig.call(me?.apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const [row] = await rig.db<
      { task: string }[]
    >`select task_id as task from assignments where id = ${offer.body.assignmentId}`;
    const { body } = await rig.call(rig.requester, 'GET', `/v1/tasks/${row?.task}`);
    expect(body.story.assignments[0].routing).toMatchObject({
      score: 1.5,
      quality: 1,
      priority: 0.5,
      specialization: 0,
    });
    expect(body.story.assignments[0].routing.why).toContain('crowd meets crowd');
  });
});

describe('campaigns that all have work', () => {
  test('are served evenly by whoever asks for any, and each story says why its campaign came first', async () => {
    // A workforce of their own: the campaigns of the other tests are not offered to it.
    const [me] = await addAnnotators(rig, 3, { workforce: 'even' });
    const many = Array.from({ length: 8 }, (_, i) => ({ key: `e${i}`, text: `Mail ${i}` }));
    const settings = { workforces: ['even'], maxLeases: 20 };
    const first = await runningCampaign(rig, { settings, items: many, annotators: 0 });
    const second = await runningCampaign(rig, { settings, items: many, annotators: 0 });
    const given: { campaignId: string; assignmentId: string }[] = [];
    // What is open is remembered for a moment.
    await until('both campaigns have been offered', async () => {
      const offer = await rig.call(me?.apiKey, 'POST', '/v1/assignments/next', {});
      if (offer.status === 200) given.push(offer.body);
      return given.some(({ campaignId }) => campaignId === second.id) && given.length >= 6;
    });
    const counts = [first.id, second.id].map((id) => given.filter(({ campaignId }) => campaignId === id).length);
    expect(Math.abs((counts[0] ?? 0) - (counts[1] ?? 0))).toBeLessThanOrEqual(1);
    const [row] = await rig.db<{ task: string }[]>`
      select task_id as task from assignments where id = ${given.at(-1)?.assignmentId ?? ''}`;
    const { story } = (await rig.call(rig.requester, 'GET', `/v1/tasks/${row?.task}`)).body;
    expect(story.assignments[0].routing.why).toMatch(
      /^of 2 campaigns this one came first, with \d+% of what was given/,
    );
  });
});

describe('more specialists at once than a search shows slots', () => {
  test('each gets a task, though leases are slow', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ key: `m${i}`, text: `Mail ${i}`, domain: 'law' }));
    const { id } = await runningCampaign(rig, { settings: { redundancy: 2 }, items: many });
    const specialists = await addAnnotators(rig, 100, { specializations: ['law'] });
    const next = (apiKey: string) => rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: id });
    const asking: ReturnType<typeof next>[] = [];
    await rig.db.begin(async (tx) => {
      await tx`lock table assignments in share row exclusive mode`;
      asking.push(...specialists.map(({ apiKey }) => next(apiKey)));
      let quiet = 0;
      const allWait = async () => {
        const [seen] = await rig.db<{ waiting: number; busy: number }[]>`
          select count(*) filter (where wait_event_type = 'Lock')::int as waiting,
            count(*) filter (where wait_event_type is distinct from 'Lock')::int as busy
          from pg_stat_activity
          where datname = current_database() and backend_type = 'client backend' and state = 'active'
            and pid <> pg_backend_pid()`;
        quiet = seen?.waiting === 2 && seen.busy === 0 ? quiet + 1 : 0;
        return quiet === 5;
      };
      // Until all have looked: two batches of leases wait for the lock, and nothing else runs any more. Where that is not
      // seen in time some look later, and the answers must be the same.
      await until('requests that all wait', allWait, 5000).catch(() => undefined);
    });
    const statuses = (await Promise.all(asking)).map(({ status }) => status);
    expect(statuses).toEqual(specialists.map(() => 200));
  });
});
