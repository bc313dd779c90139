import { afterAll, expect, test } from 'vitest';
import { createCampaignJudge } from '../../activities/campaign-judge.ts';
import { createFeatureStore } from '../../activities/feature-store.ts';
import { createOwnModel } from '../../activities/own-model.ts';
import { sliceAnswers } from '../../activities/slice-answers.ts';
import { storedModel } from '../../activities/stored-model.ts';
import { createTestDatabase } from '../support/database.ts';
import { learningStage, spreadItems } from './learning-stage.ts';
import * as stage from './stage.ts';

const { db, drop } = await createTestDatabase();
afterAll(drop);
const { round, fit: fitted } = learningStage(db);

test('a fitted model is as sure as people agree with it on the evaluation slice', async () => {
  const settings = { redundancy: 1, budgetUsd: '1000', strategy: 'random' as const, evaluation: { share: 0.5 } };
  const made = await stage.scene(db, { items: 260, annotators: 1, settings });
  const { campaignId } = made;
  await spreadItems(db, campaignId);
  // One label in five is the other one, which no word tells.
  const labelOf = (text: string) => {
    const isOdd = Number(/\d+/.exec(text)?.[0]) % 5 === 0;
    return text.includes('win') !== isOdd ? 'spam' : 'ham';
  };
  const judgeOf = createCampaignJudge({
    features: createFeatureStore(db),
    ownModel: createOwnModel(db, { hosts: [], keys: {} }),
  });
  const temperature = async () => {
    const judge = judgeOf(campaignId, made.settings, await storedModel(db, campaignId), { alive: () => undefined });
    const answers = judge && (await sliceAnswers(db, { campaignId, settings: made.settings, judge }));
    return { known: answers?.truths.length, temperature: answers?.temperature };
  };

  // Too few to say how sure the model may be.
  await round(made, { round: 1, count: 40, labelOf });
  await fitted(campaignId, 1);
  const few = await temperature();
  expect(few.known).toBe(20);
  expect(few.temperature).not.toBeCloseTo(1, 3);

  await round(made, { round: 2, count: 120, labelOf });
  await fitted(campaignId, 2);
  const many = await temperature();
  expect(many.known).toBe(80);
  // Nothing is left to calibrate, beyond the rounding of stored numbers.
  expect(many.temperature).toBeCloseTo(1, 4);
  await stage.expectInvariants(db, campaignId);
});
