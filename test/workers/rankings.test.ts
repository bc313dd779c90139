import { afterAll, expect, test } from 'vitest';
import { lastRounds } from '../../db/queries/progress.ts';
import { seededRng } from '../../domain/rng.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);

const WORDS = ['terrible', 'poor', 'fine', 'good', 'splendid'];

/** As whoever reads the words ranks them. */
function labelOf(payload: string) {
  const { answers } = JSON.parse(payload) as { answers: string[] };
  const grades = answers.map((answer) => WORDS.findIndex((word) => answer.includes(word)));
  return { ranks: grades.map((grade) => 1 + new Set(grades.filter((other) => other > grade)).size) };
}

test('a campaign of rankings learns which answers are better, chooses what it is unsure of, and is measured', async () => {
  const settings = {
    type: 'preference_ranking',
    config: {},
    redundancy: 1,
    strategy: 'uncertainty',
    evaluation: { share: 0.3 },
  } as const;
  const made = await stage.scene(db, { items: 200, annotators: 1, settings: { ...settings, budgetUsd: '1000' } });
  const { campaignId } = made;
  const rng = seededRng('rankings');
  const items = await db<{ id: string }[]>`select id from items where campaign_id = ${campaignId} order by key`;
  for (const { id } of items) {
    const grades = rng.shuffle([...WORDS]).slice(0, 2 + rng.int(4));
    const answers = grades.map((word) => `Answer ${rng.int(1000)} is a ${word} one.`);
    await db`update item_payloads set payload = ${db.json({ prompt: 'What is tea?', answers })} where item_id = ${id}`;
  }
  await spreadItems(db, campaignId);
  const { round, fit: fitted } = learningStage(db);
  for (let at = 1; at <= 3; at++) {
    await round(made, { round: at, count: 40, labelOf });
    await fitted(campaignId, at);
  }
  const last = (await lastRounds(db, campaignId, 1)).at(-1);
  expect(last).toMatchObject({ heldOutOn: 'slice', trainedOn: 84, heldOutAccuracy: 1 });
  // By models of the first labels, on the slice that there is now.
  expect(last?.learningLine).toMatchObject({ labels: 84 });
  const chosen = await db<{ round: number; unsure: boolean }[]>`
    select distinct t.round, i.selection ->> 'uncertainty' is not null as unsure
    from tasks t join items i on i.id = t.item_id
    where t.campaign_id = ${campaignId} and t.purpose = 'training' order by t.round`;
  expect(chosen).toEqual([
    { round: 1, unsure: false },
    { round: 2, unsure: true },
    { round: 3, unsure: true },
  ]);
});
