import type { Db } from '../db/client.ts';
import * as labels from '../db/queries/model-labels.ts';
import { isRest, type Places } from '../db/queries/selection.ts';
import { lackOfSupport, supportedThreshold, surest } from '../domain/learning/auto-label.ts';
import { atTemperature } from '../domain/learning/calibration.ts';
import { classNames } from '../domain/learning/targets.ts';
import { seededRng } from '../domain/rng.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { CampaignJudge } from './campaign-judge.ts';
import { seedOf, sliceOf } from './choose-batch.ts';
import { sliceAnswers } from './slice-answers.ts';

const CHUNK = 500;
/** Items have a random place below this; see `items.shuffle`. */
const PLACES = 2 ** 31;
/** Items of the pool, and items labelled before, that are looked at after a fit; all of them when the campaign ends. */
export const LOOKED_AT = 20_000;

/**
 * Labels what is left by the campaign's model where it is surer than a threshold that the evaluation slice supports, and
 * takes back what it labelled and is no longer as sure of, or all where no threshold is supported any more. Nothing is
 * paid. People go on drawing audits from the slice: what they were never asked of it is labelled so only when nothing else
 * is left. A model that cannot be heard changes nothing.
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
  const audited = await auditsOf(db, given, classes.length);
  if (!audited) return { labeled: 0, withdrawn: 0 };
  const { audits, temperature } = audited;
  const support = supportedThreshold(audits, rules);
  const shown = support ?? lackOfSupport(audits, rules);
  const { threshold } = shown;
  const state = { ...shown, threshold: support ? threshold : null, temperature, round };
  if (!support) {
    const withdrawn = await labels.withdrawLabels(db, campaignId);
    await labels.storeAutoLabeling(db, campaignId, state);
    return { labeled: 0, withdrawn };
  }

  const labelOf = new Map((type.choices?.(settings.config) ?? []).map(({ key, label }) => [key, label]));
  const labelsOf: LabelsOf = async (ids) => {
    const probabilities = await judge.probabilitiesOf(ids);
    if (!probabilities) return undefined;
    const sure = surest(atTemperature(probabilities, classes.length, temperature), classes.length);
    return ids.flatMap((itemId, at) => {
      const { best, confidence } = sure[at] ?? { best: 0, confidence: 0 };
      return confidence > threshold ? [{ itemId, label: labelOf.get(classes[best] ?? ''), confidence }] : [];
    });
  };
  const { withdrawn, unheard } = await renewed(db, given, labelsOf, threshold);
  // What is left to look at by the new threshold is looked at after the next fit.
  if (unheard) return { labeled: 0, withdrawn };
  await labels.storeAutoLabeling(db, campaignId, state);

  const aside = sliceOf(campaignId, settings.seed, evaluation.share);
  // Another part each time, as the pool may be larger than what is looked at.
  const from = seededRng(`${seedOf(settings, campaignId, round)}:auto-label`).int(PLACES);
  let labeled = 0;
  let looked = 0;
  /** Whether it came to the end of them. */
  const labelAll = async (pages: AsyncIterable<{ id: string }[]>): Promise<boolean> => {
    for await (const page of pages) {
      const rows = await labelsOf(page.map(({ id }) => id));
      if (!rows) return false;
      labeled += await labels.storeModelLabels(db, { campaignId, round, rows });
      given.alive();
      looked += page.length;
      if (looked >= given.limit) return false;
    }
    return true;
  };
  if ((await labelAll(poolPages(db, { campaignId, from, aside }))) && (await isRest(db, campaignId, aside))) {
    await labelAll(poolPages(db, { campaignId, from }));
  }
  return { labeled, withdrawn };
}

/** The model's labels of those items that it is sure enough of; undefined where it cannot be heard. */
type LabelsOf = (ids: readonly string[]) => Promise<labels.ModelLabel[] | undefined>;

/**
 * Has the present model, at its present temperature, say once more what earlier ones were sure of: their confidences are
 * not its own. Some of the labels after each fit, in turn, and all where the threshold has risen.
 */
async function renewed(
  db: Db,
  { campaignId, round, limit, alive }: { campaignId: string; round: number; limit: number; alive: () => void },
  labelsOf: LabelsOf,
  threshold: number,
): Promise<{ withdrawn: number; unheard: boolean }> {
  const before = await labels.autoLabelingOf(db, campaignId);
  const all = threshold > (before?.threshold ?? 0) || limit === Number.POSITIVE_INFINITY;
  let withdrawn = 0;
  for await (const looked of labels.standingLabels(db, campaignId, { limit: all ? null : limit, chunk: CHUNK })) {
    const kept = await labelsOf(looked);
    if (!kept) return { withdrawn, unheard: true };
    // A campaign that fits waits for the end of it: told once, it chooses from all of them.
    const tell = withdrawn === 0;
    withdrawn += await labels.renewLabels(db, { campaignId, round, looked, kept, tell });
    alive();
  }
  return { withdrawn, unheard: false };
}

/** The pool from a place on, round to that place, but for what is set aside. */
async function* poolPages(db: Db, { campaignId, from, aside }: { campaignId: string; from: number; aside?: Places }) {
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
  given: { campaignId: string; settings: CampaignSettings; judge: CampaignJudge },
  width: number,
) {
  const answers = await sliceAnswers(db, given);
  if (!answers) return undefined;
  const { probabilities, truths, temperature } = answers;
  const sure = surest(atTemperature(probabilities, width, temperature), width);
  // A tie is right for no class: it counts against the model, and calibrates nothing.
  const audits = truths.map((truth, at) => {
    const { best, confidence } = sure[at] ?? { best: -1, confidence: 0 };
    return { confidence, right: best === truth };
  });
  return { audits, temperature };
}
