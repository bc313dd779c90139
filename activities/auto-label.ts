import type { Db } from '../db/client.ts';
import * as labels from '../db/queries/model-labels.ts';
import { type Places, sliceLabels } from '../db/queries/selection.ts';
import { type Support, supportAt, supportedThreshold, surest } from '../domain/learning/auto-label.ts';
import { atTemperature, fitTemperature } from '../domain/learning/calibration.ts';
import { oneHot } from '../domain/learning/logistic.ts';
import { classNames } from '../domain/learning/targets.ts';
import { seededRng } from '../domain/rng.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { AnyTaskType } from '../domain/tasks/task-type.ts';
import type { CampaignJudge } from './campaign-judge.ts';
import { seedOf, sliceOf } from './choose-batch.ts';

/** The newest audits: agreement of long ago says little of what the model does now. */
const MAX_AUDITS = 1000;
const CHUNK = 500;
/** Items have a random place below this; see `items.shuffle`. */
const PLACES = 2 ** 31;
/** Items looked at after a fit; all of them when the campaign ends. */
export const LOOKED_AT = 20_000;

/**
 * Labels what is left by the campaign's model where it is surer than a threshold that the evaluation slice supports, and
 * takes back what it labelled where none is supported any more. Nothing is paid, and the slice is never labelled so: people
 * go on drawing audits from it. A model that cannot be heard changes nothing.
 */
export async function labelByModel(
  db: Db,
  given: {
    readonly campaignId: string;
    readonly settings: CampaignSettings;
    readonly round: number;
    readonly judge: CampaignJudge;
    /** Most items to look at. */
    readonly limit: number;
    readonly alive: () => void;
  },
): Promise<{ labeled: number; withdrawn: number }> {
  const { campaignId, settings, round, judge } = given;
  const { autoLabel: rules, evaluation } = settings;
  if (!rules || !evaluation) return { labeled: 0, withdrawn: 0 };
  const type = getTaskType(settings.type);
  const classes = classNames(type.modelTarget(settings.config));
  const audited = await auditsOf(db, given, type, classes);
  if (!audited) return { labeled: 0, withdrawn: 0 };
  const { audits, temperature } = audited;
  const support = supportedThreshold(audits, rules);
  const shown: Support = support ?? supportAt(audits, 0) ?? { threshold: 0, audited: 0, right: 0, low: 0 };
  const { threshold } = shown;
  const state = { ...shown, threshold: support ? threshold : null, temperature, round };
  const withdrawn = await labels.withdrawUpTo(db, campaignId, support ? threshold : Number.POSITIVE_INFINITY);
  await labels.storeAutoLabeling(db, campaignId, state);
  if (!support) return { labeled: 0, withdrawn };

  const labelOf = new Map((type.choices?.(settings.config) ?? []).map(({ key, label }) => [key, label]));
  const aside = sliceOf(campaignId, settings.seed, evaluation.share);
  // Another part each time, as the pool may be larger than what is looked at.
  const from = seededRng(`${seedOf(settings, campaignId, round)}:auto-label`).int(PLACES);
  let labeled = 0;
  let looked = 0;
  for await (const page of poolPages(db, { campaignId, from, aside })) {
    const probabilities = await judge.probabilitiesOf(page.map(({ id }) => id));
    if (!probabilities) break;
    const sure = surest(atTemperature(probabilities, classes.length, temperature), classes.length);
    const chosen = page.flatMap(({ id }, at) => {
      const { best, confidence } = sure[at] ?? { best: 0, confidence: 0 };
      return confidence > threshold ? [{ itemId: id, label: labelOf.get(classes[best] ?? ''), confidence }] : [];
    });
    labeled += await labels.storeModelLabels(db, { campaignId, round, rows: chosen });
    given.alive();
    looked += page.length;
    if (looked >= given.limit) break;
  }
  return { labeled, withdrawn };
}

/** The pool from a place on, round to that place, but for what is set aside. */
async function* poolPages(db: Db, { campaignId, from, aside }: { campaignId: string; from: number; aside: Places }) {
  for (const part of [
    { from, to: PLACES },
    { from: 0, to: from },
  ]) {
    let after = { shuffle: part.from, id: '00000000-0000-0000-0000-000000000000' };
    for (;;) {
      const page = await labels.poolPage(db, { campaignId, after, to: part.to, aside, limit: CHUNK });
      const last = page.at(-1);
      if (!last) break;
      yield page;
      after = last;
    }
  }
}

/** What the model, calibrated on them, says of the items that people labelled by chance. */
async function auditsOf(
  db: Db,
  { campaignId, settings, judge }: { campaignId: string; settings: CampaignSettings; judge: CampaignJudge },
  type: AnyTaskType,
  classes: readonly string[],
) {
  const known = (await sliceLabels(db, campaignId, MAX_AUDITS)).flatMap(({ itemId, label }) => {
    const value = type.modelLabel(label, settings.config);
    return value === null ? [] : [{ itemId, truth: classes.indexOf(nameOf(value)) }];
  });
  const probabilities = await judge.probabilitiesOf(known.map(({ itemId }) => itemId));
  if (!probabilities) return undefined;
  const width = classes.length;
  // A tie is right for no class: it counts against the model, and calibrates nothing.
  const some = known.flatMap(({ truth }, row) => (truth < 0 ? [] : [row]));
  const rows = Float64Array.from(some.flatMap((row) => [...probabilities.subarray(row * width, (row + 1) * width)]));
  const truths = some.map((row) => known[row]?.truth ?? 0);
  const temperature = fitTemperature(rows, oneHot(truths, width), width);
  const sure = surest(atTemperature(probabilities, width, temperature), width);
  const audits = known.map(({ truth }, at) => {
    const { best, confidence } = sure[at] ?? { best: -1, confidence: 0 };
    return { confidence, right: best === truth };
  });
  return { audits, temperature };
}

/** A label of `modelLabel` as a class name; for pairs 1 is a, 0 is b, and a tie is neither. */
function nameOf(value: string | number): string {
  if (typeof value === 'string') return value;
  return value === 1 ? 'a' : value === 0 ? 'b' : '';
}
