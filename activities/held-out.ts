import type { Db } from '../db/client.ts';
import { lastRounds } from '../db/queries/progress.ts';
import * as selection from '../db/queries/selection.ts';
import type { FitPoint } from '../domain/campaign.ts';
import { isRight } from '../domain/learning/campaign-model.ts';
import { wilsonInterval } from '../domain/learning/evaluate.ts';
import type { HeldOut } from '../domain/learning/evaluation-slice.ts';
import { measuredPoints, mostGainOf, pointsPerUsd } from '../domain/learning/forecast.ts';
import { isTiedOrder } from '../domain/learning/ranking-model.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { ModelTarget } from '../domain/tasks/task-type.ts';

const MAX_HELD_OUT = 2000;
const MAX_ROUNDS = 200;

/** Items that a model is measured on, with what people say of them, and what is settled and says nothing of a model. */
export interface Measuring extends Pick<HeldOut, 'on' | 'leftOut'> {
  readonly known: readonly { readonly itemId: string; readonly truth: string | number }[];
}

/** What a model never learns from: the campaign's evaluation slice, as labelled by people; gold where there is no slice. */
export async function heldOutItems(
  db: Db,
  { campaignId, settings }: { readonly campaignId: string; readonly settings: CampaignSettings },
): Promise<Measuring> {
  const type = getTaskType(settings.type);
  const target = type.modelTarget(settings.config);
  const { inSlice } = await selection.countWorkTasks(db, campaignId);
  const on = settings.evaluation && inSlice > 0 ? 'slice' : 'gold';
  const read = on === 'slice' ? selection.sliceLabels : selection.goldItems;
  const leftOut = { unresolved: 0, ties: 0, severalOrNone: 0 };
  const known: { itemId: string; truth: string | number }[] = [];
  for (const { itemId, label } of await read(db, campaignId, MAX_HELD_OUT)) {
    const truth = label === null ? null : type.modelLabel(label, settings.config);
    if (label === null) leftOut.unresolved++;
    else if (truth === null) leftOut.severalOrNone++;
    // That no answer is better is nothing a model of preferences could say.
    else if (target.kind === 'pair' ? truth === 0.5 : target.kind === 'ranking' && isTiedOrder(String(truth)))
      leftOut.ties++;
    else known.push({ itemId, truth });
  }
  return { on, known, leftOut };
}

/**
 * How often the model is right on them; null while there is nothing to measure on. `answersOf`: what the model says of items,
 * in the terms of the task type; undefined where it cannot be heard.
 */
export async function measureModel(
  { on, known, leftOut }: Measuring,
  target: ModelTarget,
  answersOf: (ids: readonly string[]) => Promise<readonly (string | number)[] | undefined>,
): Promise<HeldOut | null> {
  if (known.length === 0) return null;
  const answers = await answersOf(known.map(({ itemId }) => itemId));
  if (!answers) return null;
  const right = known.filter(({ truth }, at) => isRight(target, answers[at] ?? '', truth)).length;
  const { low, high } = wilsonInterval(right, known.length);
  return { on, accuracy: right / known.length, low, high, count: known.length, leftOut };
}

/** What more labels are likely to gain at most, for the stop rules: for a dollar, and where there is a plateau to look for. */
export async function worthOfMore(
  db: Db,
  campaignId: string,
  plateau: { readonly rounds: number } | undefined,
): Promise<Pick<FitPoint, 'pointsPerUsd' | 'mostGain'>> {
  const rounds = await lastRounds(db, campaignId, MAX_ROUNDS);
  const last = rounds.findLast(({ spentMicros }) => spentMicros !== null);
  const points = measuredPoints(rounds);
  const worth = pointsPerUsd(points, last?.spentMicros ?? 0n);
  return {
    ...(worth === undefined ? {} : { pointsPerUsd: worth }),
    ...(plateau ? { mostGain: mostGainOf(points, plateau.rounds) } : {}),
  };
}
