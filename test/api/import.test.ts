import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markEnded } from '../../db/queries/campaigns.ts';
import { insertItems } from '../../db/queries/items.ts';
import { floatRows } from '../../domain/learning/float-bytes.ts';
import { nobodysId, type Rig, runningCampaign, spam, startRig } from './rig.ts';

let rig: Rig;
let url: string;
beforeAll(async () => {
  rig = await startRig();
  url = await rig.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => rig.close());

async function draft(): Promise<string> {
  return (await rig.call(rig.requester, 'POST', '/v1/campaigns', spam)).body.id;
}

const send = (id: string, body: string | Uint8Array, type: string) =>
  rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items`, body, { 'content-type': type });

async function itemsOf(id: string) {
  return rig.db<{ key: string; state: string; domain: string | null; payload: unknown; gold: unknown }[]>`
    select i.key, i.state, i.domain, p.payload, g.label as gold
    from items i join item_payloads p on p.item_id = i.id left join gold_answers g on g.item_id = i.id
    where i.campaign_id = ${id} order by i.key`;
}

describe('an import', () => {
  test('of 20,000 NDJSON rows over a real connection; sent again it adds nothing', async () => {
    const id = await draft();
    function* lines() {
      for (let at = 0; at < 20_000; at++) yield Buffer.from(`{"key":"k${at}","text":"mail ${at}, é and 🦉"}\n`);
    }
    const post = async () => {
      const response = await fetch(`${url}/v1/campaigns/${id}/items`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rig.requester}`, 'content-type': 'application/x-ndjson' },
        body: Readable.toWeb(Readable.from(lines())) as ReadableStream,
        duplex: 'half',
      } as RequestInit);
      return response.json();
    };
    expect(await post()).toEqual({ accepted: 20_000, duplicates: 0, rejected: [], rejectedCount: 0 });
    expect(await post()).toEqual({ accepted: 0, duplicates: 20_000, rejected: [], rejectedCount: 0 });
    const view = await rig.call(rig.requester, 'GET', `/v1/campaigns/${id}`);
    expect(view.body.counts.pool).toBe(20_000);
  });

  test('of a Parquet file, by its groups of rows, takes what is in it and names the rows it cannot use', async () => {
    const id = await draft();
    const type = 'application/vnd.apache.parquet';
    const file = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'key', data: ['a', 'b', 'c'], type: 'STRING' },
          { name: 'text', data: ['one', null, 'three'], type: 'STRING', nullable: true },
          { name: 'gold', data: [null, null, 'spam'], type: 'STRING', nullable: true },
          { name: 'size', data: [1n, 2n, 9_007_199_254_740_993n], type: 'INT64' },
        ],
        rowGroupSize: 2,
      }),
    );
    const answer = await send(id, file, type);
    expect(answer.body).toMatchObject({ accepted: 2, rejectedCount: 1, rejected: [{ line: 2 }] });
    expect(await itemsOf(id)).toMatchObject([
      { key: 'a', payload: { text: 'one', size: 1 }, gold: null },
      { key: 'c', payload: { text: 'three', size: '9007199254740993' }, gold: 'spam' },
    ]);
    expect((await send(id, file, type)).body).toMatchObject({ accepted: 0, duplicates: 2 });
    const broken = await send(id, file.subarray(0, file.length - 9), type);
    expect(broken).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
    expect(broken.body.detail).toMatch(/^The Parquet file cannot be read/);
    expect((await send(id, Buffer.alloc(0), type)).body.code).toBe('malformed_request');
  });

  test('takes the good rows and names the bad ones', async () => {
    const id = await draft();
    const body = [
      '{"key":"a","text":"one"}',
      'oops',
      '',
      '{"key":"b"}',
      '{"key":"a","text":"two"}',
      '{"key":"c","text":"three"}',
    ];
    const answer = await send(id, body.join('\n'), 'application/x-ndjson');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      accepted: 2,
      duplicates: 0,
      rejectedCount: 3,
      rejected: [{ line: 2 }, { line: 4 }, { line: 5, reason: 'key "a" is taken by an item with other content' }],
    });
    expect((await itemsOf(id)).map(({ key }) => key)).toEqual(['a', 'c']);
  });

  test('lists 1,000 bad rows, or as many as are asked for, and counts all', async () => {
    const id = await draft();
    const answer = await send(id, `{"text":"good"}\n${'bad\n'.repeat(1500)}`, 'application/x-ndjson');
    expect(answer.body.rejected).toHaveLength(1000);
    expect(answer.body).toMatchObject({ accepted: 1, rejectedCount: 1500 });
    const type = { 'content-type': 'application/x-ndjson' };
    const body = `{"text":"good"}\n${'bad\n'.repeat(1500)}`;
    const list = (listed: number) =>
      rig.call(rig.requester, 'POST', `/v1/campaigns/${id}/items?listed=${listed}`, body, type);
    expect((await list(100_000)).body.rejected).toHaveLength(1500);
    expect((await list(0)).body).toMatchObject({ duplicates: 1, rejected: [], rejectedCount: 1500 });
    expect((await list(100_001)).status).toBe(422);
  });

  test('knows reserved fields, gold and domains', async () => {
    const id = await draft();
    const rows = [
      { key: 'a', payload: { text: 'one', lang: 'en' }, domain: 'mail' },
      { key: 'b', text: 'two', gold: 'ham' },
      { key: 'c', text: 'three', gold: 'spam', honeypot: true },
    ];
    expect((await send(id, JSON.stringify(rows), 'application/json')).body.accepted).toBe(3);
    expect(await itemsOf(id)).toEqual([
      { key: 'a', state: 'pool', domain: 'mail', payload: { text: 'one', lang: 'en' }, gold: null },
      { key: 'b', state: 'gold', domain: null, payload: { text: 'two' }, gold: 'ham' },
      { key: 'c', state: 'honeypot', domain: null, payload: { text: 'three' }, gold: 'spam' },
    ]);
    const changed = await send(id, '{"key":"b","text":"two","gold":"spam"}', 'application/x-ndjson');
    expect(changed.body.detail).toMatch(/key "b" is taken by an item with other content/);
  });

  test('without keys the content is the key, whatever the order of its fields', async () => {
    const id = await draft();
    const answer = await send(
      id,
      '{"text":"a","lang":"en"}\n{"lang":"en","text":"a"}\n{"text":"b"}',
      'application/x-ndjson',
    );
    expect(answer.body).toMatchObject({ accepted: 2, duplicates: 1 });
  });

  test('of CSV: quotes, line ends in cells, a byte order mark, empty cells, gold', async () => {
    const id = await draft();
    const csv = '\ufeffkey,text,gold,lang\r\na,"two\nlines, ""quoted""",,de\r\nb,plain,spam,\r\n\r\n"c,unclosed,,\n';
    const answer = await send(id, csv, 'text/csv');
    expect(answer.body).toEqual({
      accepted: 2,
      duplicates: 0,
      rejectedCount: 1,
      rejected: [{ line: 6, reason: 'the quote that opens in column 1 is not closed' }],
    });
    expect(await itemsOf(id)).toEqual([
      { key: 'a', state: 'pool', domain: null, payload: { text: 'two\nlines, "quoted"', lang: 'de' }, gold: null },
      { key: 'b', state: 'gold', domain: null, payload: { text: 'plain' }, gold: 'spam' },
    ]);
  });

  test('of CSV with a stray quote counts and names every line that the quote holds', async () => {
    const id = await draft();
    const lines = Array.from({ length: 600 }, (_, at) => `Mail ${at},spam`);
    lines[1] = '"Dear all, he said,spam';
    lines[550] = 'He said "so",spam';
    const { body } = await send(id, ['text,kind', ...lines, ''].join('\n'), 'text/csv');
    expect(body).toMatchObject({ accepted: 50, rejectedCount: 550 });
    expect(body.rejected.slice(0, 2)).toEqual([
      {
        line: 3,
        reason: 'there is text after the closing quote in column 1; the row runs to line 552',
      },
      { line: 4, reason: 'it is inside quotes that open in line 3, and left out with them' },
    ]);
    const open = await send(await draft(), 'text\na\n"b\nc\nd', 'text/csv');
    expect(open.body).toMatchObject({
      accepted: 1,
      rejectedCount: 3,
      rejected: [{ line: 3 }, { line: 4 }, { line: 5 }],
    });
  });

  test('broken off by the client keeps what it stored, and is repaired by sending it again', async () => {
    const id = await draft();
    const rows = Array.from({ length: 6000 }, (_, at) => `{"key":"k${at}","text":"mail ${at}"}\n`);
    const controller = new AbortController();
    async function* half() {
      yield Buffer.from(rows.slice(0, 5000).join(''));
      await expect.poll(async () => (await itemsOf(id)).length).toBeGreaterThan(0);
      controller.abort();
      yield Buffer.from(rows.slice(5000).join(''));
    }
    const broken = fetch(`${url}/v1/campaigns/${id}/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.requester}`, 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(Readable.from(half())) as ReadableStream,
      duplex: 'half',
      signal: controller.signal,
    } as RequestInit);
    await expect(broken).rejects.toThrow();
    const again = await send(id, rows.join(''), 'application/x-ndjson');
    expect(again.body.accepted + again.body.duplicates).toBe(6000);
    expect(await itemsOf(id)).toHaveLength(6000);
  });

  test('of two clients at once in opposite order stores every row once', async () => {
    const id = await draft();
    const rows = Array.from({ length: 5000 }, (_, at) => `{"key":"k${at}","text":"mail ${at}"}`);
    const answers = await Promise.all([
      send(id, rows.join('\n'), 'application/x-ndjson'),
      send(id, rows.toReversed().join('\n'), 'application/x-ndjson'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.reduce((sum, { body }) => sum + body.accepted, 0)).toBe(5000);
  });

  test('of an array beyond its limit is sent to NDJSON', async () => {
    const small = await startRig({ bodyLimits: { arrayBytes: 100 } });
    const { body } = await small.call(small.requester, 'POST', '/v1/campaigns', spam);
    const rows = Array.from({ length: 20 }, () => ({ text: 'mail' }));
    const answer = await small.call(small.requester, 'POST', `/v1/campaigns/${body.id}/items`, rows);
    expect(answer.body).toMatchObject({
      status: 413,
      code: 'payload_too_large',
      detail: expect.stringContaining('NDJSON'),
    });
    await small.close();
  });

  test('into a running campaign tells its workflow that the pool grew', async () => {
    const { id } = await runningCampaign(rig);
    const grew = () => rig.db`select 1 from outbox where message = 'poolGrew' and target_id = ${id}`;
    await send(id, '{"text":"more"}', 'application/x-ndjson');
    expect(await grew()).toHaveLength(1);
    await send(id, '{"text":"more"}', 'application/x-ndjson');
    expect(await grew()).toHaveLength(1);
  });

  test('whose campaign ends while it goes on is told so, with what it has stored', async () => {
    const id = await draft();
    const rows = Array.from({ length: 6000 }, (_, at) => `{"key":"k${at}","text":"mail ${at}"}\n`);
    async function* slowly() {
      yield Buffer.from(rows.slice(0, 3000).join(''));
      await expect.poll(async () => (await itemsOf(id)).length).toBe(2000);
      await rig.db`update campaigns set state = 'finished' where id = ${id}`;
      yield Buffer.from(rows.slice(3000).join(''));
    }
    const response = await fetch(`${url}/v1/campaigns/${id}/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.requester}`, 'content-type': 'application/x-ndjson' },
      body: Readable.toWeb(Readable.from(slowly())) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    expect(await response.json()).toMatchObject({ status: 409, code: 'campaign_closed', accepted: 2000 });
    expect(await itemsOf(id)).toHaveLength(2000);
  });

  test('of which the process dies after a batch has told the campaign of what it stored', async () => {
    const { id } = await runningCampaign(rig);
    const item = { key: 'more', payloadJson: '{"text":"more"}', hash: 'h', goldJson: null, state: 'pool' } as const;
    await insertItems(rig.db, id, [{ ...item, id: nobodysId(), domain: null, shuffle: 1 }]);
    expect(await rig.db`select 1 from outbox where message = 'poolGrew' and target_id = ${id}`).toHaveLength(1);
  });

  test('does not outlive its campaign: whichever is first, the other sees it', async () => {
    const { id } = await runningCampaign(rig);
    await rig.db`update tasks set state = 'cancelled' where campaign_id = ${id}`;
    const item = { key: 'late', payloadJson: '{"text":"late"}', hash: 'h', goldJson: null, state: 'pool' } as const;
    const late = { ...item, id: nobodysId(), domain: null, shuffle: 1 };
    let ended: Promise<unknown> | undefined;
    await rig.db.begin(async (tx) => {
      // As far as the rows go: the same locks, held a little longer.
      await insertItems(tx as unknown as Rig['db'], id, [late]);
      ended = markEnded(rig.db, { id, reason: 'pool_empty', mayGoOn: true });
      await expect
        .poll(async () => (await tx`select 1 from pg_stat_activity where wait_event_type = 'Lock'`).length)
        .toBeGreaterThan(0);
    });
    expect(await ended).toEqual({ open: [], poolGrew: true });
  });

  test('with vectors wants as many numbers in each row as the campaign says, and keeps them', async () => {
    const settings = { ...spam, features: { vectors: { dims: 3 } } };
    const { id } = (await rig.call(rig.requester, 'POST', '/v1/campaigns', settings)).body;
    const rows = [
      { key: 'good', text: 'a', vector: [1, -0.5, 3e-3] },
      { key: 'short', text: 'b', vector: [1, 2] },
      { key: 'none', text: 'c' },
      { key: 'large', text: 'd', vector: [1, 2, 1e300] },
      { key: 'word', text: 'e', vector: [1, 'two', 3] },
      { key: 'cell', text: 'f', vector: '[4,5,6]' },
    ];
    const { body } = await send(id, rows.map((row) => JSON.stringify(row)).join('\n'), 'application/x-ndjson');
    expect(body).toMatchObject({ accepted: 2, duplicates: 0, rejectedCount: 4 });
    expect(body.rejected).toEqual([
      { line: 2, reason: "vector has 2 numbers; this campaign's vectors have 3" },
      { line: 3, reason: 'vector is missing; this campaign wants 3 numbers for each item' },
      { line: 4, reason: 'vector[2] is not a finite 32-bit number' },
      { line: 5, reason: 'vector[1] is not a finite 32-bit number' },
    ]);
    const stored = await rig.db<{ key: string; vector: Uint8Array; payload: unknown }[]>`
      select i.key, v.vector, p.payload from items i join item_vectors v on v.item_id = i.id
        join item_payloads p on p.item_id = i.id where i.campaign_id = ${id} order by i.key`;
    expect(stored.map(({ key, vector }) => [key, [...floatRows([vector], 3)]])).toEqual([
      ['cell', [4, 5, 6]],
      ['good', [1, -0.5, Math.fround(3e-3)]],
    ]);
    expect(stored[0]?.payload).toEqual({ text: 'f' });
    const other = [{ key: 'good', text: 'a', vector: [9, 9, 9] }];
    expect((await send(id, JSON.stringify(other), 'application/json')).status).toBe(422);
    const pairs = { ...settings, type: 'pairwise', config: {} };
    const refused = await rig.call(rig.requester, 'POST', '/v1/campaigns', pairs);
    expect([refused.status, refused.body.field]).toEqual([422, 'features']);
  });
});
