import type { Db, Tx } from '../db/client.ts';
import { doubtedForGolds, storeScores, undoDeductions } from '../db/queries/appeal-repairs.ts';
import {
  type AppealRow,
  type ChangedVerdict,
  holdAppeal,
  type JudgedAnswer,
  judgedAnswers,
  rejectAppeal,
  upholdAppeal,
  upholdWork,
} from '../db/queries/appeals.ts';
import { policySettings } from '../db/queries/campaigns.ts';
import { MOST_ANSWERS, reopenTasksIn } from '../db/queries/reopenings.ts';
import { payloadOfTask, taskHead } from '../db/queries/stories.ts';
import { QuorateError } from '../domain/failures.ts';
import { rescored } from '../domain/quality/rescore.ts';
import { qualityRulesOf } from '../domain/quality/rules.ts';
import type { QualityFlag } from '../domain/quality/signal.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType, isRightAnswer } from '../domain/tasks/index.ts';
import { readLabel } from '../domain/tasks/read.ts';
import { notFound } from './problems.ts';

export interface AppealRuling {
  readonly verdict: 'upheld' | 'rejected';
  /** The corrected known answer; by default the contested one. */
  readonly label?: unknown;
  /** Of work: how many more answers its task is asked for; by default as many as a task of its campaign. */
  readonly answers?: number | undefined;
  readonly note: string;
}

/**
 * Resolves an open appeal, all in one transaction. Upheld, it opens a task of work again; of one with a known answer it corrects the known answer and with it the verdicts on
 * everybody's answers, deductions from what turned right, and what open work weighs because of the wrong verdict; gold counts
 * and standing follow through each annotator's workflow. Repeating the same ruling changes nothing.
 */
export async function resolveAppeal(
  db: Db,
  id: string,
  ruling: AppealRuling,
  { by, nowMs }: { readonly by: string; readonly nowMs: number },
): Promise<void> {
  const { verdict, note } = ruling;
  await db.begin(async (tx) => {
    const appeal = await holdAppeal(tx, id);
    if (!appeal) throw notFound('appeal', id);
    if (appeal.state === verdict) return;
    if (appeal.state !== 'open') throw new QuorateError('conflict', `The appeal was ${appeal.state} before.`);
    if (verdict === 'rejected') {
      await rejectAppeal(tx, { id, by, note });
      return;
    }
    if (appeal.kind === 'repeat') {
      throw new QuorateError(
        'conflict',
        'The contested task has neither a known answer nor a decision; reject the appeal.',
      );
    }
    if (appeal.kind === 'work') {
      await askAgain(tx, appeal, { ...ruling, by, nowMs });
      await upholdWork(tx, { id, by, note });
      return;
    }
    const version = { campaignId: appeal.campaignId, version: appeal.policyVersion };
    const settings = (await policySettings(tx, version)) as CampaignSettings;
    const type = getTaskType(settings.type);
    const payload = type.labelReadsPayload ? await payloadOfTask(tx, appeal.taskId) : undefined;
    const gold = ruling.label === undefined ? appeal.label : readLabel(type, settings.config, ruling.label, payload);
    if (!isRightAnswer(type, settings.config, appeal.label, gold)) {
      const message = 'label: beside this known answer the contested one is wrong still; reject the appeal instead.';
      throw new QuorateError('invalid_input', message, { field: 'label' });
    }
    const answers = await judgedAnswers(tx, appeal.taskId);
    const changed = changedVerdicts(answers, { ...appeal, kind: appeal.kind }, gold, settings);
    const right = changed.filter(({ correct }) => correct);
    const annotationIds = right.map(({ annotationId }) => annotationId);
    // The budget before the answers, as paying one does.
    await undoDeductions(tx, { campaignId: appeal.campaignId, annotationIds, by });
    await upholdAppeal(tx, { appeal, gold, by, note, changed });
    await trustAgain(tx, right, settings.type);
  });
}

/** Opens the decided task of an appeal again, for more answers beside those it has. */
async function askAgain(
  tx: Tx,
  { taskId, campaignId, policyVersion, reason }: AppealRow,
  { answers, note, by, nowMs }: AppealRuling & { readonly by: string; readonly nowMs: number },
): Promise<void> {
  const { redundancy } = (await policySettings(tx, { campaignId, version: policyVersion })) as CampaignSettings;
  const tasks = [{ taskId, answers: answers ?? redundancy, excludedIds: [], evidence: { appeal: reason } }];
  const request = { campaignId, cause: 'appeal', reason: note, by, tasks, nowMs } as const;
  const { taskIds, overBudget } = await reopenTasksIn(tx, request);
  if (taskIds.length > 0) return;
  if (overBudget > 0) {
    throw new QuorateError(
      'budget_exceeded',
      'No room is left for asking the task again: under the budget, the day’s pace, or the cap of a workforce or of all campaigns together. See the budget, and raise what is short first.',
    );
  }
  const head = await taskHead(tx, taskId);
  const message =
    head?.state === 'decided'
      ? `Task ${taskId} cannot have so many answers more: a task has at most ${MOST_ANSWERS} in all. Ask for fewer, or reject the appeal.`
      : `Only a decided task can be asked again; rule on task ${taskId} itself while it is open, and reject the appeal.`;
  throw new QuorateError('conflict', message);
}

/**
 * Has answers to open tasks weigh in full again whose annotators would not have been below the threshold of golds with the
 * one that has turned right; what was decided stays.
 */
async function trustAgain(tx: Tx, right: readonly ChangedVerdict[], taskType: string): Promise<void> {
  // Whose answer was not assessed yet has no wrong verdict counted.
  const annotatorIds = right.filter(({ score }) => score !== null).map(({ annotatorId }) => annotatorId);
  if (annotatorIds.length === 0) return;
  const again = [];
  for (const answer of await doubtedForGolds(tx, { annotatorIds, taskType })) {
    const { id, campaignId, policyVersion, goldTotal, goldCorrect } = answer;
    const settings = (await policySettings(tx, { campaignId, version: policyVersion })) as CampaignSettings;
    const rules = qualityRulesOf(settings.quality);
    const below = goldTotal >= rules.goldMinSeen && (goldCorrect + 1) / goldTotal < rules.goldMinAccuracy;
    if (below) continue;
    const flags = answer.flags.filter((flag) => flag !== 'below_gold_threshold') as QualityFlag[];
    again.push({ id, ...rescored(flags, { kind: 'gold', correct: true }, rules) });
  }
  if (again.length > 0) await storeScores(tx, again);
}

function changedVerdicts(
  answers: readonly JudgedAnswer[],
  appeal: Pick<AppealRow, 'gold'> & { kind: 'gold' | 'honeypot' },
  gold: unknown,
  { type: name, config, quality }: CampaignSettings,
): ChangedVerdict[] {
  const type = getTaskType(name);
  const rules = qualityRulesOf(quality);
  return answers.flatMap(({ id, annotatorId, label, flags, assessed }) => {
    const correct = isRightAnswer(type, config, label, gold);
    if (correct === isRightAnswer(type, config, label, appeal.gold)) return [];
    const again = rescored(flags as QualityFlag[], { kind: appeal.kind, correct }, rules);
    return [{ annotationId: id, annotatorId, correct, score: assessed ? again.score : null, flags: again.flags }];
  });
}
