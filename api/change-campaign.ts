import { z } from 'zod';
import { countEligible } from '../db/queries/annotators.ts';
import {
  type CampaignRow,
  changeRules,
  changeSettings,
  findCampaign,
  lastPriceByAnswer,
} from '../db/queries/campaigns.ts';
import { usualPay } from '../db/queries/cost-figures.ts';
import { type Budget, budgetOf, refuseCap, setCap } from '../db/queries/money.ts';
import { tellBudgetChanged } from '../db/queries/outbox.ts';
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
  usualPrice,
} from '../domain/settings.ts';
import { judgeAlone } from '../domain/vendors/capabilities.ts';
import { isVendor } from '../domain/vendors/names.ts';
import { setRedundancyUpdate } from '../workflows/messages.ts';
import { askCampaign } from './ask-campaign.ts';
import { budgetChanged } from './budget-changed.ts';
import { eligibility } from './campaign-view.ts';
import type { Context } from './context.ts';
import { notFound } from './problems.ts';

/** What a campaign owes is paid within this of a new cap, before it chooses tasks for that. */
const PAYING_S = 10;

const answers = z.number().int().min(1).max(25);

export const changeCampaignSchema = z
  .strictObject({
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
    priceUsd: createCampaignSchema.shape.priceUsd.describe(
      'Of an answer, for tasks chosen from now on. Left out with another hourlyUsd: at least what is usual at that rate, or with null what it was before',
    ),
    agreementWatch: agreementWatchSchema.optional().describe('When low agreement pauses the campaign; null never'),
  })
  .refine(({ instructionsVersion: _, ...body }) => Object.values(body).some((value) => value !== undefined), {
    error:
      'Nothing to change: give budgetUsd, redundancy, maxRedundancy, quality, calibration, consistency, instructions, priceUsd, hourlyUsd or agreementWatch.',
  });

/**
 * Changes budget, redundancy or rules of assessing. Redundancy changes in the database for a draft, for a running campaign
 * through its workflow. The cap changes whatever the campaign's state: what its answers are owed is paid by raising it.
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
  const hasEnded = campaign.state === 'finished' || campaign.state === 'stopped';
  if (hasEnded && Object.values(others).some((value) => value !== undefined)) {
    const message = `The campaign ${campaign.name} has ended; nothing but its budget can be changed.`;
    throw new QuorateError('campaign_closed', message);
  }
  const settings = campaign.settings as CampaignSettings;
  const wanted = redundancyAfter(settings, change);
  const draft = campaign.state === 'draft';
  // Whatever can be refused comes before anything is changed.
  if (change.hourlyUsd === '0') throw new QuorateError('invalid_input', NO_HOURLY_PAY, { field: 'hourlyUsd' });
  const capMicros = budgetUsd === undefined ? undefined : BigInt(budgetUsd);
  const isOutdated = basedOn !== undefined && basedOn !== campaign.instructionsVersion;
  if (isOutdated && change.instructions !== settings.instructions) throw outdated(basedOn);
  const budget = await budgetOf(ctx.db, id);
  if (capMicros !== undefined) refuseCap(budget, capMicros);
  const { quality, agreementWatch, calibration, consistency, instructions, hourlyUsd, priceUsd } = change;
  // Null is what an hour pays where it pays nothing of its own: left out again when the settings are stored.
  const rules = {
    quality,
    agreementWatch,
    calibration,
    consistency,
    instructions,
    hourlyMicros: hourlyUsd,
    priceMicros: priceUsd ?? (await priceBeside(ctx, campaign, hourlyUsd)),
  };
  const { priceMicros = settings.priceMicros } = rules;
  if (instructions !== undefined || rules.priceMicros !== undefined) {
    refuseVendors({ ...settings, priceMicros, instructions: instructions ?? settings.instructions });
  }
  if (wanted && !draft) {
    const room = { ...budget, ...(capMicros === undefined ? {} : { capMicros }) };
    await refuseUnfulfillable(ctx, campaign, { ...wanted, priceMicros }, room);
    await askCampaign(ctx, id, setRedundancyUpdate, [wanted], updateId && `${updateId}-redundancy`);
  }
  try {
    // No workflow goes by these rules: each answer is assessed under its task's policy version.
    await ctx.db.begin(async (tx) => {
      // The budget before the campaign, as those who plan a batch lock them.
      if (capMicros !== undefined) {
        await setCap(tx, { campaignId: id, capMicros });
        await tellBudgetChanged(tx, id, PAYING_S);
      }
      if (wanted && draft) {
        await changeSettings(tx, { id, settings: { ...settings, ...wanted }, key: campaign.policyVersion });
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
  change: z.output<typeof changeCampaignSchema>,
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
