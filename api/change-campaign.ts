import { z } from 'zod';
import { countEligible } from '../db/queries/annotators.ts';
import {
  type CampaignRow,
  changeRules,
  changeSettings,
  findCampaign,
  lastPriceByAnswer,
  setDraftsHedge,
} from '../db/queries/campaigns.ts';
import { usualPay } from '../db/queries/cost-figures.ts';
import { type Budget, budgetOf, refuseCap, setCap } from '../db/queries/money.ts';
import { tellBudgetChanged } from '../db/queries/outbox.ts';
import { type CampaignChange, changedFields, changeShape, draftAfter, isSame } from '../domain/campaign-change.ts';
import { QuorateError } from '../domain/failures.ts';
import { tooFewFor } from '../domain/feasibility.ts';
import { formatUsd } from '../domain/money.ts';
import { calibrationSchema } from '../domain/quality/calibration-settings.ts';
import { qualityRulesSchema } from '../domain/quality/thresholds.ts';
import {
  agreementWatchSchema,
  type CampaignSettings,
  consistencySchema,
  createCampaignSchema,
  NO_HOURLY_PAY,
  refuseVendors,
  taskWorstCaseMicros,
  usualConfidence,
  usualPrice,
} from '../domain/settings.ts';
import { judgeAlone } from '../domain/vendors/capabilities.ts';
import { isVendor } from '../domain/vendors/names.ts';
import { setRedundancyUpdate, setStopRulesUpdate } from '../workflows/messages.ts';
import { askCampaign } from './ask-campaign.ts';
import { budgetChanged } from './budget-changed.ts';
import { eligibility } from './campaign-view.ts';
import type { Context } from './context.ts';
import { refuseOtherItems } from './fits-items.ts';
import { notFound } from './problems.ts';

/** What a campaign owes is paid within this of a new cap, before it chooses tasks for that. */
const PAYING_S = 10;

const answers = z.number().int().min(1).max(25);

/** What changes for tasks to come, and needs no workflow. */
const RULES = [
  ...(['quality', 'agreementWatch', 'calibration', 'consistency', 'instructions', 'hourlyUsd', 'priceUsd'] as const),
  ...(['minConfidence', 'dailyLimit', 'rejectionWindowMs'] as const),
];
/** What can be changed of a campaign that has started. */
const STARTED: readonly string[] = ['budgetUsd', 'redundancy', 'maxRedundancy', 'stop', ...RULES];

export const changeCampaignSchema = z
  .strictObject({
    ...changeShape,
    budgetUsd: createCampaignSchema.shape.budgetUsd
      .optional()
      .describe(
        'The new cap. One that has ended pays what it owes and does not go on: what is left is for a copy of it',
      ),
    redundancy: answers.optional().describe('For tasks chosen from now on'),
    maxRedundancy: answers.optional(),
    quality: qualityRulesSchema
      .optional()
      .describe('The rules of assessing, as a whole, for tasks chosen from now on; what is left out has its default'),
    instructions: createCampaignSchema.shape.instructions
      .removeDefault()
      .optional()
      .describe('A new version of the instructions, for whatever is offered from now on; see re-ask for what was'),
    instructionsVersion: z
      .int()
      .min(1)
      .optional()
      .describe('The version that new instructions began from: with another one published since, they are refused'),
    calibration: calibrationSchema
      .optional()
      .describe('Rules of calibration sessions, as a whole; null: none are given'),
    consistency: consistencySchema
      .optional()
      .describe('Items shown to the same annotator again; more of them are paid for from batches chosen from now on'),
    hourlyUsd: createCampaignSchema.shape.hourlyUsd
      .unwrap()
      .nullable()
      .optional()
      .describe('Pay of a focused hour, for what is handed out from now on; null: by the answer, at its price'),
    priceUsd: changeShape.priceUsd.describe(
      'Of an answer, for tasks chosen from now on; null: the usual one. Left out with another hourlyUsd: at least what is usual at that rate, or with null what it was before',
    ),
    agreementWatch: agreementWatchSchema.optional().describe('When low agreement pauses the campaign; null never'),
    minConfidence: changeShape.minConfidence.describe(
      'Least confidence of a decision, for tasks chosen from now on; null: as by default',
    ),
    dailyLimit: changeShape.dailyLimit.describe(
      'Most answers that one annotator gives to this campaign in a day (UTC), from now on; null: no limit',
    ),
    rejectionWindowMs: changeShape.rejectionWindowMs.describe(
      "How long the rejection of a vendor's answer waits, for rulings from now on; null: 7 days",
    ),
    stop: changeShape.stop.describe('When the campaign stops, as a whole; what is left out stops it no more'),
  })
  .refine(({ instructionsVersion: _, ...body }) => Object.values(body).some((value) => value !== undefined), {
    error:
      'Nothing to change: of a draft give any setting but its type; of a campaign that has started budgetUsd, redundancy, ' +
      `maxRedundancy, ${RULES.join(', ')} or stop.`,
  });

/**
 * Changes a campaign. A draft takes whatever it could have been created with. Of one that has started rules change in the
 * database, redundancy and stop rules through its workflow. The cap changes whatever the state: what answers are owed is paid by raising it.
 */
export async function changeCampaign(
  ctx: Context,
  id: string,
  change: z.output<typeof changeCampaignSchema>,
  updateId: string | undefined,
): Promise<void> {
  const campaign = await findCampaign(ctx.db, id);
  if (!campaign) throw notFound('campaign', id);
  const { budgetUsd, instructionsVersion: basedOn, ...others } = change;
  const settings = campaign.settings as CampaignSettings;
  const draft = campaign.state === 'draft';
  if (!draft) refuseFixed(campaign, others);
  // Whatever can be refused comes before anything is changed.
  if (change.hourlyUsd === '0') throw new QuorateError('invalid_input', NO_HOURLY_PAY, { field: 'hourlyUsd' });
  const capMicros = budgetUsd === undefined ? undefined : BigInt(budgetUsd);
  const isOutdated = basedOn !== undefined && basedOn !== campaign.instructionsVersion;
  if (isOutdated && change.instructions !== settings.instructions) throw outdated(basedOn);
  const budget = await budgetOf(ctx.db, id);
  if (capMicros !== undefined) refuseCap(budget, capMicros);
  const after = draft ? await draftSettings(ctx, campaign, others) : settings;
  const rules = draft ? {} : await rulesOf(ctx, campaign, others);
  const room = { ...budget, ...(capMicros === undefined ? {} : { capMicros }) };
  if (!draft) await askWorkflow(ctx, campaign, { change, rules, room, updateId });
  try {
    // No workflow goes by these rules: each answer is assessed under its task's policy version.
    await ctx.db.begin(async (tx) => {
      // The budget before the campaign, as those who plan a batch lock them.
      if (capMicros !== undefined) {
        await setCap(tx, { campaignId: id, capMicros });
        await tellBudgetChanged(tx, id, PAYING_S);
      }
      if (!isSame(after, settings)) {
        await changeSettings(tx, { id, settings: after, key: campaign.policyVersion, draft: true });
        const { budgetMicros } = after.hedge ?? {};
        if (budgetMicros !== settings.hedge?.budgetMicros) await setDraftsHedge(tx, id, budgetMicros);
      }
      if (Object.values(rules).every((value) => value === undefined)) return;
      if (!(await changeRules(tx, { id, rules, basedOn }))) throw outdated(basedOn);
    });
    if (capMicros !== undefined) await budgetChanged(ctx, id);
  } finally {
    ctx.campaigns.forget(id);
    ctx.views.forget(id);
  }
}

/** Throws where a campaign that has started is to be what it cannot become any more. */
function refuseFixed({ name, state, settings }: CampaignRow, change: CampaignChange): void {
  const given = Object.values(change).some((value) => value !== undefined);
  if (given && (state === 'finished' || state === 'stopped')) {
    throw new QuorateError('campaign_closed', `The campaign ${name} has ended; nothing but its budget can be changed.`);
  }
  const fixed = Object.fromEntries(Object.entries(change).filter(([field]) => !STARTED.includes(field)));
  const [field] = changedFields(settings as CampaignSettings, fixed);
  if (field === undefined) return;
  const message = `${field} cannot be changed once the campaign has started; make a copy of it.`;
  throw new QuorateError('conflict', message, { field });
}

/** The settings of a draft after a change, which throws where these are no settings, or do not fit its items. */
async function draftSettings(ctx: Context, campaign: CampaignRow, change: CampaignChange): Promise<CampaignSettings> {
  const settings = campaign.settings as CampaignSettings;
  const { redundancy } = change;
  const workforces = change.workforces ?? settings.workforces;
  const alone = redundancy && judgeAlone(workforces, redundancy);
  if (alone) throw new QuorateError('invalid_input', alone, { field: 'redundancy' });
  const pay = await usualPay(ctx.db, campaign.organisationId);
  const priceMicros = change.priceUsd === undefined ? await priceBeside(ctx, campaign, change.hourlyUsd) : undefined;
  const after = draftAfter(settings, change, { ...pay, priceMicros });
  const same = isSame(after.config, settings.config) && isSame(after.features, settings.features);
  if (!same) await refuseOtherItems(ctx, campaign.id, settings, after);
  return after;
}

/** Rules of a campaign that has started under their names in the settings; undefined ones stay as they are. */
async function rulesOf(ctx: Context, campaign: CampaignRow, change: CampaignChange) {
  const settings = campaign.settings as CampaignSettings;
  const { quality, agreementWatch, calibration, consistency, instructions } = change;
  const { hourlyUsd, dailyLimit, rejectionWindowMs } = change;
  const minConfidence = change.minConfidence === null ? usualConfidence(settings) : change.minConfidence;
  if (settings.judge && minConfidence !== undefined && settings.judge.target < minConfidence) {
    const message = `minConfidence is ${minConfidence}, above judge.target, ${settings.judge.target}: a judge alone must be as sure as people together.`;
    throw new QuorateError('invalid_input', message, { field: 'minConfidence' });
  }
  // Null is what an hour pays where it pays nothing of its own, and no limit: left out again when the settings are stored.
  const rules = {
    ...{ quality, agreementWatch, calibration, consistency, instructions },
    ...{ minConfidence, dailyLimit, rejectionWindowMs },
    hourlyMicros: hourlyUsd,
    priceMicros: await priceAfter(ctx, campaign, change),
  };
  const { priceMicros = settings.priceMicros } = rules;
  if (instructions !== undefined || rules.priceMicros !== undefined) {
    refuseVendors({ ...settings, priceMicros, instructions: instructions ?? settings.instructions });
  }
  return rules;
}

/** The price of an answer in a campaign that has started; undefined: as it is. */
async function priceAfter(ctx: Context, campaign: CampaignRow, { priceUsd, hourlyUsd }: CampaignChange) {
  if (priceUsd !== null) return priceUsd ?? priceBeside(ctx, campaign, hourlyUsd);
  const settings = campaign.settings as CampaignSettings;
  const rate = hourlyUsd === undefined ? settings.hourlyMicros : (hourlyUsd ?? undefined);
  return usualPrice(settings, rate, await usualPay(ctx.db, campaign.organisationId)).toString();
}

/** Has the workflow of a campaign that has started change what it goes by. */
async function askWorkflow(
  ctx: Context,
  campaign: CampaignRow,
  asked: {
    readonly change: CampaignChange;
    readonly rules: { readonly priceMicros?: string | undefined };
    readonly room: Budget;
    readonly updateId: string | undefined;
  },
): Promise<void> {
  const { id } = campaign;
  const { change, rules, room, updateId } = asked;
  const settings = campaign.settings as CampaignSettings;
  const wanted = redundancyAfter(settings, change);
  const stop = change.stop === undefined || isSame(change.stop ?? {}, settings.stop) ? undefined : (change.stop ?? {});
  if (stop?.deadline !== undefined && Date.parse(stop.deadline) <= ctx.now().getTime()) {
    const message = `stop.deadline ${stop.deadline} is past: the campaign would stop at once. Give a later one, or stop it.`;
    throw new QuorateError('invalid_input', message, { field: 'stop.deadline' });
  }
  if (wanted) {
    const { priceMicros = settings.priceMicros } = rules;
    await refuseUnfulfillable(ctx, campaign, { ...wanted, priceMicros }, room);
    await askCampaign(ctx, id, setRedundancyUpdate, [wanted], updateId && `${updateId}-redundancy`);
  }
  if (stop) await askCampaign(ctx, id, setStopRulesUpdate, [{ stop }], updateId && `${updateId}-stop`);
}

function outdated(basedOn: number | undefined): QuorateError {
  const message = `Other instructions than version ${basedOn} have been published meanwhile: keep your text, load the page again, and put both together.`;
  return new QuorateError('conflict', message, { field: 'instructionsVersion' });
}

/** Throws where no task of a running campaign could have so many answers, of its annotators or of its money. */
async function refuseUnfulfillable(
  { db }: Context,
  campaign: CampaignRow,
  wanted: { redundancy: number; maxRedundancy: number; priceMicros: string },
  budget: Budget,
): Promise<void> {
  const before = campaign.settings as CampaignSettings;
  const settings = { ...before, ...wanted };
  if (wanted.redundancy > before.redundancy && !settings.workforces.some(isVendor)) {
    const eligibleAnnotators = await countEligible(db, eligibility(campaign.id, settings));
    const tooFew = tooFewFor({ ...settings, language: settings.language, eligibleAnnotators });
    if (tooFew !== undefined) {
      throw new QuorateError('conflict', `${tooFew}: add annotators first.`, { field: 'redundancy' });
    }
  }
  const micros = taskWorstCaseMicros(settings);
  const committed = budget.reservedMicros + budget.spentMicros;
  if (micros <= taskWorstCaseMicros(before) || committed + micros <= budget.capMicros) return;
  const message = `A task could then cost $${formatUsd(micros)}, and $${formatUsd(budget.capMicros - committed)} of the budget are free: raise budgetUsd, too.`;
  const details = { needsUsd: formatUsd(committed + micros) };
  throw new QuorateError('budget_exceeded', message, { field: 'redundancy', details });
}

/**
 * The price of an answer that goes with another pay of an hour, where it is not said: by the hour it is the most that an
 * answer may earn, and grows where that is less than usual; by the answer it is what it was before, or the usual one.
 */
async function priceBeside(
  { db }: Context,
  { id, organisationId, settings: its }: CampaignRow,
  hourlyUsd: string | null | undefined,
): Promise<string | undefined> {
  const settings = its as CampaignSettings;
  if (hourlyUsd === undefined || (hourlyUsd === null && settings.hourlyMicros === undefined)) return undefined;
  const pay = await usualPay(db, organisationId);
  const usual = (rate?: string) => usualPrice(settings, rate, pay);
  if (hourlyUsd === null) return (await lastPriceByAnswer(db, id)) ?? usual().toString();
  const most = usual(hourlyUsd);
  return BigInt(settings.priceMicros) < most ? most.toString() : undefined;
}

function redundancyAfter(
  settings: CampaignSettings,
  change: CampaignChange,
): { redundancy: number; maxRedundancy: number } | undefined {
  if (change.redundancy === undefined && change.maxRedundancy === undefined) return undefined;
  const redundancy = change.redundancy ?? settings.redundancy;
  const maxRedundancy = change.maxRedundancy ?? Math.max(redundancy, settings.maxRedundancy);
  if (maxRedundancy < redundancy) {
    const message = `maxRedundancy is ${maxRedundancy}; it must be at least the redundancy, ${redundancy}.`;
    throw new QuorateError('invalid_input', message, { field: 'maxRedundancy' });
  }
  const alone = judgeAlone(settings.workforces, redundancy);
  if (alone !== undefined) throw new QuorateError('invalid_input', alone, { field: 'redundancy' });
  return { redundancy, maxRedundancy };
}
