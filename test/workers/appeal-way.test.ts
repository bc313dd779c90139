import { v7 as uuidv7 } from 'uuid';
import { afterAll, describe, expect, test } from 'vitest';
import { resolveAppeal } from '../../api/appeals.ts';
import { insertAppeal } from '../../db/queries/appeals.ts';
import { leaseGold } from '../../db/queries/leases.ts';
import { openGoldTasks } from '../../db/queries/selection.ts';
import { annotatorWorkflowId } from '../../workflows/messages.ts';
import { createTestDatabase } from '../support/database.ts';
import { until } from '../support/rig.ts';
import { startDevServer } from '../support/temporal-servers.ts';
import * as stage from './stage.ts';

const server = await startDevServer();
const database = 'stop' in server ? await createTestDatabase() : undefined;
afterAll(async () => {
  if ('stop' in server) await server.stop();
  await database?.drop();
});

describe('the way of an appeal', () => {
  if ('unavailable' in server || !database) {
    test.skip('unavailable' in server ? server.unavailable : 'There is no database.');
    return;
  }
  const { db } = database;

  test('an upheld one repairs gold counts, score and standing, though every message comes twice', async () => {
    await stage.doubleMessages(db);
    const { campaignId, annotators } = await stage.scene(db, { gold: 10, settings: { goldRatio: 0.05 } });
    await db`
      update gold_answers set label = '"spam"' where item_id in (select id from items where campaign_id = ${campaignId})`;
    const policy = {
      priceMicros: 0n,
      requiredTier: 0,
      workforce: 'internal',
      policyVersion: 1,
      instructionsVersion: 1,
    };
    await openGoldTasks(db, { campaignId, ...policy });
    const [annotatorId = ''] = annotators;
    const state = async () => {
      const [row] = await db<{ standing: string; total: number; right: number; score: number }[]>`
        select standing, gold_total as total, gold_correct as right, quality_score::float8 as score
        from annotators where id = ${annotatorId}`;
      return row;
    };
    const leftOpen = { [annotatorWorkflowId(annotatorId)]: 'an annotator’s workflow does not end by itself' };
    await stage.onStage({ server, db, name: 'appeal', leftOpen }, async () => {
      const wrong: string[] = [];
      for (let at = 0; at < 10; at++) {
        const given = { annotatorId, campaignId, tier: 3, leaseMs: 60_000, from: 0 };
        const lease = await leaseGold(db, { ...given, assignmentId: uuidv7() });
        const label = at < 6 ? 'spam' : 'ham';
        const stored = await stage.submit(db, { assignmentId: lease?.assignmentId ?? '', annotatorId, label });
        if (label === 'ham') wrong.push(stored?.annotationId ?? '');
      }
      await until('the ten are graded', async () => (await state())?.total === 10);
      expect(await state()).toMatchObject({ standing: 'recalibrating', right: 6 });

      const [annotationId = ''] = wrong;
      const appeal = await insertAppeal(db, { annotationId, annotatorId, reason: 'It is ham.' });
      const ruling = { verdict: 'upheld', note: 'So it is.' } as const;
      await resolveAppeal(db, appeal?.id ?? '', ruling, { by: 'lead', nowMs: Date.now() });
      await until('the standing is repaired', async () => (await state())?.standing === 'active');
      expect(await state()).toEqual({ standing: 'active', total: 10, right: 7, score: 8 / 12 });
      await until('all is delivered', () => stage.isDelivered(db));
    });
    const changes = await db`
      select to_standing as to, evidence ->> 'appealId' is not null as appealed
      from standing_changes where annotator_id = ${annotatorId} order by at`;
    expect([...changes]).toEqual([
      { to: 'recalibrating', appealed: false },
      { to: 'active', appealed: true },
    ]);
    expect((await state())?.right).toBe(7);
    await stage.expectInvariants(db, campaignId);
  });
});
