import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyBooks } from '../../db/queries/books.ts';
import { lastRounds } from '../../db/queries/progress.ts';
import { floatBytes } from '../../domain/learning/float-bytes.ts';
import { createTestDatabase } from '../support/database.ts';
import { jsonRequest } from '../support/json-request.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
const installed = isInstalled('@huggingface/transformers');
if (!installed) console.warn('Skipped: local models need `npm install --no-save @huggingface/transformers`.');
/** Texts asked for, request by request; the next requests are refused while `busy` is above 0. */
const asked: string[][] = [];
let busy = 0;
let key: string | undefined;
const server = createServer((request, response) => {
  jsonRequest<{ model: string; input: string[] }>(request).then(
    ({ model, input }) => {
      key = request.headers.authorization;
      if (busy-- > 0) {
        response.writeHead(503, { 'retry-after': '0' }).end();
        return;
      }
      asked.push(input);
      const data = input.map((text, index) => ({ index, embedding: embeddingOf(text) })).reverse();
      const usage = { prompt_tokens: 10 * input.length, total_tokens: 10 * input.length };
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ object: 'list', model, data, usage }));
    },
    (error: Error) => response.destroy(error),
  );
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await drop();
});

const numberOf = (text: string) => Number(/\d+/.exec(text)?.[0]);
/** What only the vectors tell: the label goes by thirds of the number, of which the words say nothing. */
const labelOf = (text: string) => (numberOf(text) % 3 === 0 ? 'spam' : 'ham');
function embeddingOf(text: string): number[] {
  const at = numberOf(text);
  return [labelOf(text) === 'spam' ? 1 : -1, Math.sin(at), Math.cos(3 * at), ((at * 7) % 11) / 11];
}

async function campaign(features: stage.Scene['settings']['features'], budgetUsd = '1000') {
  const settings = { redundancy: 1, budgetUsd, strategy: 'uncertainty' as const, features };
  const made = await stage.scene(db, { items: 200, annotators: 1, settings });
  await spreadItems(db, made.campaignId);
  return made;
}
const endpoint = { url: `http://${host}/v1/embeddings`, model: 'small', timeoutMs: 5000, batchSize: 32 };
const chosen = (campaignId: string) => db<{ strategy: string; model: string | null; uncertainty: number | null }[]>`
  select i.selection ->> 'strategy' as strategy, i.selection ->> 'model' as model,
    (i.selection ->> 'uncertainty')::float8 as uncertainty
  from tasks t join items i on i.id = t.item_id where t.campaign_id = ${campaignId} and t.purpose = 'training'`;

describe('a campaign that learns from vectors', () => {
  test('imported with its items: the model tells what the words do not', async () => {
    const { round, fit: fitted } = learningStage(db);
    const made = await campaign({ vectors: { dims: 4 } });
    const { campaignId } = made;
    const items = await db<{ id: string; text: string }[]>`
      select i.id, p.payload ->> 'text' as text from items i join item_payloads p on p.item_id = i.id
      where i.campaign_id = ${campaignId}`;
    for (const { id, text } of items) {
      await db`insert into item_vectors (item_id, vector) values (${id}, ${Buffer.from(floatBytes(embeddingOf(text)))})`;
    }
    for (let at = 1; at <= 3; at++) {
      await round(made, { round: at, count: 30, labelOf });
      await fitted(campaignId, at);
    }
    expect((await lastRounds(db, campaignId, 1)).at(-1)).toMatchObject({ heldOutOn: 'slice', heldOutAccuracy: 1 });
    expect((await chosen(campaignId)).some(({ uncertainty }) => uncertainty !== null)).toBe(true);
  });

  test('asked of an endpoint: in batches, again when it is busy, and each text once', async () => {
    const { round, fit: fitted } = learningStage(db, { modelHosts: [host], modelKeys: { [host]: 'secret' } });
    const made = await campaign({ embeddings: endpoint });
    busy = 1;
    for (let at = 1; at <= 3; at++) {
      await round(made, { round: at, count: 30, labelOf });
      await fitted(made.campaignId, at);
    }
    expect((await lastRounds(db, made.campaignId, 1)).at(-1)).toMatchObject({ heldOutAccuracy: 1 });
    expect(key).toBe('Bearer secret');
    expect(Math.max(...asked.map(({ length }) => length))).toBe(32);
    expect(asked.flat()).toHaveLength(200);
    // Another campaign with the same texts asks for none.
    const again = await campaign({ embeddings: endpoint });
    await round(again, { round: 1, count: 5, labelOf });
    expect(asked.flat()).toHaveLength(200);
  });

  describe('asked of an endpoint that has a price', () => {
    // A thousandth of a dollar for a token; of one model a tenth.
    const prices = { [host]: 1_000_000_000n, [`${host}/dear`]: 100_000_000_000n };
    const booked = async (campaignId: string) =>
      (
        await db<{ kind: string; micros: bigint; account: string }[]>`
          select kind, sum(amount_micros)::bigint as micros, min(to_account) as account from ledger
          where campaign_id = ${campaignId} and payee = 'judge' group by kind order by kind`
      ).map(({ kind, micros, account }) => [kind, micros, account]);

    test('what its tokens cost is spent of the budget, each text once', async () => {
      const { round, fit: fitted } = learningStage(db, { modelHosts: [host], modelPrices: prices });
      const made = await campaign({ embeddings: { ...endpoint, model: 'priced' } });
      await round(made, { round: 1, count: 30, labelOf });
      await fitted(made.campaignId, 1);
      // Ten tokens for each of 200 texts.
      const all = 200n * 10n * 1000n;
      expect(await booked(made.campaignId)).toEqual([
        ['reserve', all, 'reserved'],
        ['spend', all, 'judge_usage'],
      ]);
      await stage.expectInvariants(db, made.campaignId);
      expect(await verifyBooks(db)).toMatchObject({ holds: true });
      const again = await campaign({ embeddings: { ...endpoint, model: 'priced' } });
      await round(again, { round: 1, count: 5, labelOf });
      expect(await booked(again.campaignId)).toEqual([]);
    });

    test('it is not asked where the budget has no room for it, and labeling goes on', async () => {
      const { round } = learningStage(db, { modelHosts: [host], modelPrices: prices });
      const made = await campaign({ embeddings: { ...endpoint, model: 'dear' } }, '10');
      const before = asked.length;
      expect((await round(made, { round: 1, count: 5, labelOf })).taskIds).toHaveLength(5);
      const models = (await chosen(made.campaignId)).map(({ model }) => model);
      expect(new Set(models)).toEqual(new Set(['no vectors: the budget has no room for embeddings of dear']));
      expect([asked.length, await booked(made.campaignId)]).toEqual([before, []]);
    });
  });

  const transformers = { folder: 'own/tiny', pooling: 'mean', dtype: 'fp32', batchSize: 32 } as const;
  test.skipIf(!installed)(
    'made by a model in a folder of this machine: each text once',
    { timeout: 60_000 },
    async () => {
      const modelsDir = mkdtempSync(join(tmpdir(), 'quorate-models-'));
      const words = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [String(n), embeddingOf(String(n))]));
      writeTinyModel(join(modelsDir, 'own', 'tiny'), words);
      const { round, fit: fitted } = learningStage(db, { modelsDir });
      const made = await campaign({ transformers });
      for (let at = 1; at <= 3; at++) {
        await round(made, { round: at, count: 30, labelOf });
        await fitted(made.campaignId, at);
      }
      expect((await lastRounds(db, made.campaignId, 1)).at(-1)).toMatchObject({
        heldOutOn: 'slice',
        heldOutAccuracy: 1,
      });
      // Another campaign of the same texts finds them, without the model.
      const kept = await db`select count(*)::int as n from embeddings`;
      const again = await campaign({ transformers });
      await round(again, { round: 1, count: 5, labelOf });
      expect(await db`select count(*)::int as n from embeddings`).toEqual(kept);
      rmSync(modelsDir, { recursive: true });
    },
  );

  test('of a folder that is not there goes on by chance, and says what is missing', async () => {
    const reason = async (modelsDir?: string) => {
      const { round } = learningStage(db, { modelsDir });
      const made = await campaign({ transformers });
      await round(made, { round: 1, count: 10, labelOf });
      return new Set((await chosen(made.campaignId)).map(({ model }) => model));
    };
    expect(await reason()).toEqual(
      new Set(['no vectors: QUORATE_MODELS_DIR names no folder of models for the learning worker']),
    );
    expect(await reason(tmpdir())).toEqual(
      new Set([
        'no vectors: QUORATE_MODELS_DIR has no model own/tiny: its folder needs config.json, tokenizer.json and onnx/model.onnx',
      ]),
    );
  });

  test('that cannot be had goes on by chance, and says why', async () => {
    const { round, fit: fitted } = learningStage(db);
    const made = await campaign({ embeddings: { ...endpoint, model: 'large' } });
    const { taskIds } = await round(made, { round: 1, count: 30, labelOf });
    expect(taskIds).toHaveLength(30);
    const rows = await chosen(made.campaignId);
    expect(new Set(rows.map(({ model }) => model))).toEqual(
      new Set([`no vectors: ${host} is not among QUORATE_MODEL_HOSTS`]),
    );
    await expect(fitted(made.campaignId, 1)).resolves.toMatchObject({ point: null });
  });

  test('whose key would go in clear text are not asked for, and labeling goes on', async () => {
    const elsewhere = 'models.example.org';
    const { round } = learningStage(db, { modelHosts: [elsewhere], modelKeys: { [elsewhere]: 'secret' } });
    const made = await campaign({ embeddings: { ...endpoint, url: `http://${elsewhere}/v1/embeddings` } });
    expect((await round(made, { round: 1, count: 5, labelOf })).taskIds).toHaveLength(5);
    const models = (await chosen(made.campaignId)).map(({ model }) => model);
    expect(new Set(models)).toEqual(new Set([expect.stringContaining('over https only')]));
  });
});

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
