import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Db } from '../../db/client.ts';
import { votesOf } from '../../db/queries/annotations.ts';
import { settleTask } from '../../db/queries/tasks.ts';
import { decisionRecord } from '../../domain/aggregation/decide.ts';
import { parseCsvRecord } from '../../domain/formats/csv.ts';
import { type Rig, runningCampaign, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

/** Answers every task with `labelOf(payload)` and decides it, as the workflow would. */
async function answerAll(
  campaign: Awaited<ReturnType<typeof runningCampaign>>,
  type: { name: string; config: unknown },
  labelOf: (payload: Record<string, string>, annotator: number) => unknown,
): Promise<void> {
  for (const [at, { apiKey }] of campaign.annotators.entries()) {
    for (;;) {
      const offer = await rig.call(apiKey, 'POST', '/v1/assignments/next', { campaignId: campaign.id });
      if (offer.status !== 200) break;
      const label = labelOf(offer.body.task.payload, at);
      const path = `/v1/assignments/${offer.body.assignmentId}/annotation`;
      const stored = await rig.call(apiKey, 'POST', path, { label, timeSpentS: 10 });
      if (stored.status !== 201) throw new Error(stored.text);
    }
  }
  for (const taskId of campaign.taskIds) await decide(rig.db, taskId, campaign.id, type);
}

async function decide(db: Db, taskId: string, campaignId: string, type: { name: string; config: unknown }) {
  const votes = await votesOf(db, taskId);
  const { result, json } = decisionRecord({
    taskId,
    type: type.name,
    policyVersion: 1,
    instructionsVersion: 1,
    config: type.config,
    votes: votes.map(({ annotationId, label }) => ({ annotationId, label, weight: 1 })),
  });
  const { label, confidence, method } = result;
  const at = { taskId, campaignId, state: 'decided' as const, log: [] };
  const answers = votes.map(({ annotationId }) => annotationId);
  await settleTask(db, { ...at, label, confidence, method, evidence: JSON.parse(json), answers });
}

const download = (id: string, format: string, key = rig.viewer) =>
  rig.app.inject({ url: `/v1/campaigns/${id}/export?format=${format}`, headers: { authorization: `Bearer ${key}` } });

describe('a classification campaign', () => {
  const config = { labels: ['spam', 'ham'] };
  let id: string;
  beforeAll(async () => {
    const items = [
      { key: 'a', text: '=HYPERLINK("evil")', lang: 'en' },
      { key: 'b', text: 'two\nlines, "quoted"', lang: 'de' },
      ...Array.from({ length: 10 }, (_, at) => ({ key: `c${at}`, text: `mail ${at}`, lang: 'en' })),
    ];
    const campaign = await runningCampaign(rig, { items });
    id = campaign.id;
    await answerAll(campaign, { name: 'classification', config }, ({ text }, at) =>
      text?.startsWith('=') && at < 2 ? 'spam' : 'ham',
    );
  });

  test('as JSONL', async () => {
    const response = await download(id, 'jsonl');
    expect(response.headers['content-type']).toMatch('application/x-ndjson');
    const records = response.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(12);
    const first = records.find(({ key }) => key === 'a');
    expect(first).toMatchObject({
      state: 'decided',
      label: 'spam',
      n_annotators: 3,
      revision: 1,
      policy_version: 1,
      cost_usd: '0.15',
      text: '=HYPERLINK("evil")',
      lang: 'en',
    });
    expect(first.confidence).toBeCloseTo(2 / 3);
  });

  test('as CSV, with formulas made harmless', async () => {
    const { body } = await download(id, 'csv');
    const rows = body.match(/(?:[^\r]|\r(?!\n))*\r\n/g)?.map((line) => parseCsvRecord(line.slice(0, -2))) ?? [];
    const [header, ...records] = rows.map((row) => ('cells' in row ? row.cells : []));
    expect(header?.slice(0, 5)).toEqual(['key', 'task_id', 'state', 'label', 'confidence']);
    const text = header?.indexOf('text') ?? -1;
    expect(records.find(([key]) => key === 'a')?.[text]).toBe('\'=HYPERLINK("evil")');
    expect(records.find(([key]) => key === 'b')?.[text]).toBe('two\nlines, "quoted"');
    expect(records).toHaveLength(12);
  });

  test('as Parquet, the same as JSONL', async () => {
    const response = await download(id, 'parquet');
    const file = response.rawPayload;
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    const rows = (await parquetReadObjects({ file: bytes })) as Record<string, unknown>[];
    const records = (await download(id, 'jsonl')).body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const same = [
      'key',
      'task_id',
      'state',
      'label',
      'confidence',
      'method',
      'n_annotators',
      'revision',
      'text',
      'lang',
    ];
    const pick = (row: Record<string, unknown>) => Object.fromEntries(same.map((name) => [name, row[name]]));
    expect(rows.map(pick)).toEqual(records.map(pick));
    expect(JSON.parse(String(rows[0]?.distribution))).toEqual(records[0].distribution);
  });

  test('cites the newest revision of a decision', async () => {
    await rig.db`
      insert into decisions (id, task_id, campaign_id, revision, state, label, confidence, method, evidence, cost_micros)
      select gen_random_uuid(), task_id, campaign_id, 2, 'adjudicated', '"ham"', 1, 'adjudication', evidence, cost_micros
      from decisions where campaign_id = ${id} and label = '"spam"'`;
    const records = (await download(id, 'jsonl')).body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(12);
    expect(records.find(({ key }) => key === 'a')).toMatchObject({ label: 'ham', revision: 2, state: 'adjudicated' });
  });

  test('DPO is refused, as is an unknown format', async () => {
    expect((await download(id, 'dpo')).json()).toMatchObject({ status: 422, field: 'format' });
    expect((await download(id, 'xml')).json()).toMatchObject({ status: 422, field: 'format' });
  });

  test('a task tells its whole story to requesters, and viewers see the decision', async () => {
    const list = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/tasks?limit=5`);
    expect(list.body.items).toHaveLength(5);
    const rest = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/tasks?cursor=${list.body.nextCursor}`);
    expect(rest.body.items).toHaveLength(7);
    expect(rest.body.nextCursor).toBeNull();
    const task = [...list.body.items, ...rest.body.items].find(({ key }: { key: string }) => key === 'b');
    const seen = await rig.call(rig.viewer, 'GET', `/v1/tasks/${task.id}`);
    expect(seen.body).toMatchObject({
      key: 'b',
      kind: 'work',
      decision: { label: 'ham', revision: 1, costUsd: '0.15' },
    });
    expect(seen.body.story).toBeUndefined();
    const { story } = (await rig.call(rig.requester, 'GET', `/v1/tasks/${task.id}`)).body;
    expect(story.selection).toEqual({ strategy: 'random' });
    expect(story.annotations.map(({ annotator }: { annotator: string }) => annotator).sort()).toEqual([
      'A0',
      'A1',
      'A2',
    ]);
    expect(story.revisions[0].evidence.result.label).toBe('ham');
    expect(story.ledger.map(({ kind }: { kind: string }) => kind)).toEqual(['reserve', 'spend', 'spend', 'spend']);
  });

  test('agreement and counts are in the view', async () => {
    const read = () => rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}`);
    // Both are remembered for some seconds.
    await expect.poll(async () => (await read()).body.agreement.answers, { timeout: 60_000, interval: 200 }).toBe(36);
    const view = await read();
    expect(view.body.agreement.metric).toBe('krippendorff_alpha');
    expect(view.body.agreement.alpha).toBeGreaterThan(0.4);
    const quality = await rig.call(rig.viewer, 'GET', `/v1/campaigns/${id}/quality`);
    expect(quality.body.alpha).toBeCloseTo(view.body.agreement.alpha, 9);
    expect(quality.body).toMatchObject({ verdict: 'unknown', answers: view.body.agreement.answers });
    expect(quality.body.confused.every((pair: { taskIds: string[] }) => pair.taskIds.length > 0)).toBe(true);
    expect(view.body.counts).toMatchObject({ annotations: 36, tasksOpen: 0 });
    expect(view.body.budget.spentUsd).toBe('1.80');
  });
});

test('a pairwise campaign as DPO leaves out ties and unsure preferences', async () => {
  const items = [
    { key: 'clear', prompt: 'q1', a: 'worse', b: 'better' },
    { key: 'tied', prompt: 'q2', a: 'x', b: 'y' },
    { key: 'split', prompt: 'q3', a: 'm', b: 'n' },
  ];
  const campaign = await runningCampaign(rig, {
    items,
    settings: { type: 'pairwise', config: {}, redundancy: 2 },
    annotators: 2,
  });
  await answerAll(campaign, { name: 'pairwise', config: { allowTie: true, allowBothBad: true } }, (payload, at) => {
    if (payload.prompt === 'q1') return payload.a === 'better' ? 'a' : 'b';
    if (payload.prompt === 'q2') return 'tie';
    return (payload.a === 'm') === (at === 0) ? 'a' : 'b';
  });
  const response = await download(campaign.id, 'dpo');
  expect(
    response.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([
    {
      prompt: 'q1',
      chosen: 'better',
      rejected: 'worse',
      confidence: 1,
      n_annotators: 2,
      key: 'clear',
      task_id: expect.any(String),
    },
  ]);
});

test('a campaign without decisions exports empty files', async () => {
  const { id } = await runningCampaign(rig);
  expect((await download(id, 'jsonl')).body).toBe('');
  expect((await download(id, 'csv')).body).toMatch(/^key,task_id,.*\r\n$/);
  const file = (await download(id, 'parquet')).rawPayload;
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
  expect(await parquetReadObjects({ file: bytes })).toEqual([]);
});
