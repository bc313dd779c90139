import type { Db } from '../db/client.ts';
import * as crowd from '../db/queries/crowd.ts';
import { knownAnswers } from '../db/queries/reliability.ts';
import { isToBeLearnt, LEAST_TO_LEARN, MAX_CHOICES_LEARNT } from '../domain/aggregation/crowd/learnt-crowd.ts';
import { toRatings } from '../domain/agreement/ratings.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { apart, type Wanted } from './threads/apart.ts';

/** Fitting reads at most this many answers, the newest ones. */
const MAX_ANSWERS = 300_000;
const CHUNK = 5000;

/**
 * Learns how reliable each annotator is, and who are no two voices, from all answers of a campaign and what is known of its
 * golds, where its task type decides by fixed choices; false when there are not more than `growth` times the answers of
 * the last fit, or too few. Pooled confusion matrices: see `domain/aggregation/crowd/default.ts`.
 */
export async function fitCrowd(
  db: Db,
  given: { campaignId: string; settings: CampaignSettings; growth: number },
  wanted: Wanted,
): Promise<boolean> {
  const { campaignId, settings, growth } = given;
  const type = getTaskType(settings.type);
  const choices = type.choices?.(settings.config);
  if (!choices || choices.length > MAX_CHOICES_LEARNT) return false;
  const answered = await crowd.countCountedAnswers(db, campaignId);
  const before = await crowd.findCrowdModel(db, campaignId);
  if (!isToBeLearnt(answered, before?.fittedOn, growth)) return false;

  const ids = new Map(choices.map(({ label }, at) => [type.canonical(label), at]));
  const answers: { task: string; worker: string; label: string }[] = [];
  for await (const rows of crowd.countedAnswers(db, { campaignId, limit: MAX_ANSWERS, chunk: CHUNK })) {
    for (const { taskId, annotatorId, label } of rows) {
      const choice = ids.get(type.canonical(label));
      if (choice !== undefined) answers.push({ task: taskId, worker: annotatorId, label: String(choice) });
    }
    wanted.alive();
  }
  const named = toRatings(answers);
  if (named.raterCount < LEAST_TO_LEARN.annotators) return false;
  const { unit, rater, unitCount, raterCount } = named;
  const ratings = {
    ...{ unit, rater, unitCount, raterCount },
    value: Int32Array.from(named.value, (value) => Number(named.values[value])),
    valueCount: choices.length,
  };
  const golds = await knownAnswers(db, campaignId);
  const known = Int32Array.from(named.units, (taskId) => {
    const gold = golds.get(taskId);
    return gold === undefined ? -1 : (ids.get(type.canonical(gold)) ?? -1);
  });
  const learnt = await apart('fitCrowd', { ratings, keys: choices.map(({ key }) => key), known }, wanted);
  // Where a task has one answer alone there may be nothing to learn from yet, and the tables of a huge crowd would not fit in
  // memory: such tasks are decided by weighted vote.
  if (!learnt) return false;
  const { shared } = learnt;
  const tables = named.raters.map((annotatorId, at) => ({ annotatorId, logAnswer: learnt.tables[at] ?? [] }));
  const correlations = learnt.correlated.map(({ a, b, correlation }) => {
    return { a: named.raters[a] ?? '', b: named.raters[b] ?? '', correlation };
  });
  await crowd.storeCrowdModel(db, { campaignId, shared, fittedOn: answered, tables, correlations });
  return true;
}
