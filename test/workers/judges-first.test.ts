import { afterAll, describe, expect, test } from 'vitest';
import { fitCrowd } from '../../activities/crowd.ts';
import { measureJudges } from '../../activities/judge-measuring.ts';
import { createJudgeCache } from '../../db/queries/judge-cache.ts';
import { judgeStandings, storeTrusts, whoDecided } from '../../db/queries/judging.ts';
import { createLlmJudge } from '../../vendors/llm-judge.ts';
import { taskWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import { FakeServer } from '../vendors/fake.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

/** Knows spam, and refuses to judge what it is told not to. */
function knowing(): FakeServer {
  return new FakeServer({
    admit: () => undefined,
    answer({ body }) {
      const text = JSON.stringify(body);
      const content = /message 3 /.test(text)
        ? 'I would rather not.'
        : JSON.stringify({ label: /win money/.test(text) ? 'spam' : 'ham' });
      const message = { role: 'assistant', content };
      const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      return { status: 200, body: { id: 'c', created: 1, model: 'm', choices, usage } };
    },
  });
}

describe('judges first', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;
  const all = (what: string, ids: readonly string[], holds: (task: { state: string; workforce: string }) => boolean) =>
    until(
      what,
      async () => {
        const rows = await db<{ state: string; workforce: string }[]>`
          select state, workforce from tasks where id = any(${ids as string[]}::uuid[])`;
        return rows.length === ids.length && rows.every(holds);
      },
      120_000,
    );

  test('people are asked until a judge has shown what it is worth; then it decides alone, is audited, and what leaned on it is asked again when it falls', async () => {
    const endpoint = knowing();
    const judge = createLlmJudge({
      baseUrl: await endpoint.start(),
      model: 'm',
      inputMicros: 1_000_000n,
      outputMicros: 2_000_000n,
      capMicros: 1_000_000_000n,
      cache: createJudgeCache(db),
      requestsPerMinute: 1e6,
    });
    const quick = { pollMs: [60], graceMs: 1500, reconcileMs: 20, circuit: { limit: 20, openMs: 100 } };
    const vendors = { vendors: new Map([['llm', judge] as const]), ...quick };
    try {
      const leftOpen: Record<string, string> = {};
      await stage.onStage({ server, db, name: 'judges-first', vendors, leftOpen }, async () => {
        const made = await stage.scene(db, {
          items: 40,
          settings: {
            workforces: ['llm', 'internal'],
            redundancy: 3,
            judge: { minAudited: 20, auditShare: 0.02, target: 0.8 },
          },
        });
        const truthOf = async (taskId: string) => {
          const [item] = await db<{ text: string }[]>`
            select p.payload ->> 'text' as text from tasks t join item_payloads p on p.item_id = t.item_id where t.id = ${taskId}`;
          return item?.text.includes('win money') ? 'spam' : 'ham';
        };
        const [ann = '', bob = '', cem = ''] = made.annotators;

        const first = await stage.plan(db, made, 22);
        await all('people are asked', first, ({ workforce }) => workforce === 'internal');
        for (const taskId of first) {
          const label = await truthOf(taskId);
          const judged = await db`select 1 from annotations where task_id = ${taskId}`;
          for (const annotatorId of [ann, bob, cem].slice(judged.length))
            await stage.answer(db, { taskId, annotatorId, label });
        }
        await db.notify('quorate_outbox', '');
        await all('they are decided', first, ({ state }) => state === 'decided');
        const [refused] = await db`
          select 1 from tasks t join items i on i.id = t.item_id where t.id = any(${first}::uuid[]) and i.key = 'item-3'`;
        const [audits] = await db<
          { n: number }[]
        >`select count(*)::int as n from judge_audits where campaign_id = ${made.campaignId}`;
        // The one that it refused to judge says nothing of it.
        expect([refused !== undefined, audits?.n]).toEqual([true, 21]);

        expect(
          await fitCrowd(
            db,
            { campaignId: made.campaignId, settings: made.settings, growth: 1 },
            { alive: () => undefined },
          ),
        ).toBe(true);
        const campaign = { id: made.campaignId, state: 'running' };
        expect(await measureJudges(db, campaign, made.settings, Date.now())).toEqual({ reopened: 0 });
        const trusts = await db<{ annotatorId: string; trust: string }[]>`
          select annotator_id as "annotatorId", trust from judge_trusts where campaign_id = ${made.campaignId}`;
        expect(trusts.map(({ trust }) => trust)).toEqual(['trusted']);

        const second = await stage.plan(db, made, 10, 2);
        await all(
          'they are decided, or people are asked',
          second,
          ({ state, workforce }) => state === 'decided' || workforce === 'internal',
        );
        const alone = await db<{ id: string; label: string; by: string }[]>`
          select t.id, d.label #>> '{}' as label, d.evidence -> 'context' ->> 'decidedBy' as by
          from tasks t join decisions d on d.task_id = t.id where t.id = any(${second}::uuid[])`;
        expect(alone.length).toBeGreaterThanOrEqual(7);
        for (const id of second) {
          if (!alone.some((task) => task.id === id))
            leftOpen[taskWorkflowId(id)] = 'drawn as an audit: people are asked';
        }
        for (const { id, label, by } of alone) expect([label, by]).toEqual([await truthOf(id), 'judges']);
        await until('all is delivered', () => stage.isDelivered(db));
        const [paid] = await db<{ micros: bigint }[]>`
          select sum(cost_micros)::bigint as micros from decisions where task_id = any(${alone.map(({ id }) => id)}::uuid[])`;
        expect(paid?.micros).toBe(BigInt(alone.length) * 1200n);

        const decided = await whoDecided(db, made.campaignId);
        expect(decided).toMatchObject({ aloneTasks: alone.length, aloneMicros: paid?.micros, otherTasks: 22 });
        const [standing] = await judgeStandings(db, made.campaignId);
        expect(standing).toMatchObject({ judge: 'judge:m:v1', trust: 'trusted', agrees: { same: 21, of: 21 } });

        // It falls, whatever the audits say that were made so far.
        const none = { same: 0, of: 0 };
        const fallen = { annotatorId: trusts[0]?.annotatorId ?? '', trust: 'distrusted', correlation: 1 } as const;
        await db`update judge_audits set created_at = created_at - interval '1 hour' where campaign_id = ${made.campaignId}`;
        const [{ fellFrom = '' } = {}] = await db<{ fellFrom: string }[]>`
          select task_id as "fellFrom" from judge_audits where campaign_id = ${made.campaignId} order by created_at limit 1`;
        await storeTrusts(db, made.campaignId, [{ ...fallen, fellFrom, agrees: none, recent: none, people: none }]);
        expect(await measureJudges(db, campaign, made.settings, Date.now())).toEqual({ reopened: alone.length });
        expect(await measureJudges(db, campaign, made.settings, Date.now())).toEqual({ reopened: 0 });
        const ids = alone.map(({ id }) => id);
        await all(
          'people are asked once more',
          ids,
          ({ state, workforce }) => state === 'open' && workforce === 'internal',
        );
        for (const taskId of ids) {
          for (const annotatorId of [ann, bob, cem])
            await stage.answer(db, { taskId, annotatorId, label: await truthOf(taskId) });
        }
        await db.notify('quorate_outbox', '');
        await all('they are decided by people', ids, ({ state }) => state === 'decided');
        const [newest] = await db<{ by: string | null; votes: number }[]>`
          select evidence -> 'context' ->> 'decidedBy' as by, jsonb_array_length(evidence -> 'votes') as votes
          from decisions where task_id = ${ids[0] ?? ''} order by revision desc limit 1`;
        expect({ ...newest }).toEqual({ by: null, votes: 3 });
        await until('all is delivered', () => stage.isDelivered(db));
        await stage.expectInvariants(db, made.campaignId);
      });
    } finally {
      await endpoint.stop();
    }
  }, 400_000);
});
