import type { Db } from '../db/client.ts';
import { sliceLabels } from '../db/queries/selection.ts';
import { fitTemperature, targetsWithDoubt } from '../domain/learning/calibration.ts';
import { decodeModel, encodeModel, withTemperature } from '../domain/learning/linear-model.ts';
import { classNames } from '../domain/learning/targets.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { CampaignJudge, CampaignJudges } from './campaign-judge.ts';
import type { Wanted } from './threads/apart.ts';

/** The newest answers: of long ago they say little of what the model does now. */
const MAX_ANSWERS = 1000;
/** Fewer say too little of how sure a model may be. */
const LEAST_TO_CALIBRATE = 30;

/** What a model says of the items that people labelled by chance, from which it never learns. */
export interface SliceAnswers {
  /** Items x classes, of the newest tasks first. */
  readonly probabilities: Float64Array;
  /** By item its class, or -1 where people said what the model has no class for, or came to no end: a tie, both bad, several labels. */
  readonly truths: readonly number[];
  /** What calibrates these probabilities: see `fitTemperature`. */
  readonly temperature: number;
}

/** Undefined where the model cannot be heard. */
export async function sliceAnswers(
  db: Db,
  { campaignId, settings, judge }: { campaignId: string; settings: CampaignSettings; judge: CampaignJudge },
): Promise<SliceAnswers | undefined> {
  const type = getTaskType(settings.type);
  const classes = classNames(type.modelTarget(settings.config));
  const known = (await sliceLabels(db, campaignId, MAX_ANSWERS)).map(({ itemId, label }) => {
    const value = label === null ? null : type.modelLabel(label, settings.config);
    return { itemId, truth: value === null ? -1 : classes.indexOf(nameOf(value)) };
  });
  const probabilities = await judge.probabilitiesOf(known.map(({ itemId }) => itemId));
  if (!probabilities) return undefined;
  const width = classes.length;
  const truths = known.map(({ truth }) => truth);
  const some = truths.flatMap((truth, row) => (truth < 0 ? [] : [row]));
  const rows = Float64Array.from(some.flatMap((row) => [...probabilities.subarray(row * width, (row + 1) * width)]));
  const targets = targetsWithDoubt(
    some.map((row) => truths[row] as number),
    width,
  );
  return { probabilities, truths, temperature: fitTemperature(rows, targets, width) };
}

/**
 * A fitted model, as stored, that is as sure as its answers on the evaluation slice come true, so that whatever goes by
 * its probabilities (choosing, weighing another answer, its own labels) goes by calibrated ones. As it was where too few
 * items of the slice are labelled, and for scales, which have no classes.
 */
export async function calibrated<Stored extends { readonly bytes: Uint8Array; readonly spaceVersion: number }>(
  db: Db,
  stored: Stored,
  given: { campaignId: string; settings: CampaignSettings; judgeOf: CampaignJudges; wanted: Wanted },
): Promise<Stored> {
  const { campaignId, settings, judgeOf, wanted } = given;
  const target = getTaskType(settings.type).modelTarget(settings.config);
  if (!settings.evaluation || classNames(target).length === 0) return stored;
  const model = decodeModel(stored.bytes);
  const judge = judgeOf(campaignId, settings, { model, spaceVersion: stored.spaceVersion }, wanted);
  const answers = judge && (await sliceAnswers(db, { campaignId, settings, judge }));
  const known = answers?.truths.filter((truth) => truth >= 0).length ?? 0;
  if (!answers || known < LEAST_TO_CALIBRATE) return stored;
  return { ...stored, bytes: encodeModel(withTemperature(model, answers.temperature)) };
}

/** A label of `modelLabel` as a class name; for pairs 1 is a, 0 is b, and a tie is neither. */
function nameOf(value: string | number): string {
  if (typeof value === 'string') return value;
  return value === 1 ? 'a' : value === 0 ? 'b' : '';
}
