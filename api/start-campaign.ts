import { countEligible } from '../db/queries/annotators.ts';
import { type CampaignRow, campaignStart, findCampaign, markStarted } from '../db/queries/campaigns.ts';
import { limitsOf, organisationLimit } from '../db/queries/limits.ts';
import { budgetOf } from '../db/queries/money.ts';
import { campaignCounts } from '../db/queries/tallies.ts';
import { firstWorkforceLeft, leftOf } from '../domain/budget.ts';
import { QuorateError } from '../domain/failures.ts';
import { type StartFacts, startDemand, startRefusals, startWarnings } from '../domain/feasibility.ts';
import { formatUsd, mostMicros } from '../domain/money.ts';
import { repeatReserveMicros } from '../domain/quality/consistency.ts';
import { type CampaignSettings, firstVendorMicros, taskWorstCaseMicros } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { isVendor } from '../domain/vendors/names.ts';
import { eligibility } from './campaign-view.ts';
import type { Context } from './context.ts';
import { goldFault } from './fits-items.ts';
import { notFound } from './problems.ts';

/**
 * Starts a campaign: marks it running, which tells the relay to start its workflow, and starts that at once where Temporal
 * can be reached. Starting a running campaign changes nothing. Says what will go badly in it.
 */
export async function startCampaign(ctx: Context, id: string): Promise<{ warnings: string[] }> {
  const campaign = await findCampaign(ctx.db, id);
  if (!campaign) throw notFound('campaign', id);
  refuseUnlessStartable(campaign);
  const settings = campaign.settings as CampaignSettings;
  let warnings: string[] = [];
  if (campaign.state === 'draft') {
    const facts = await factsOf(ctx, campaign);
    const reasons = [...startRefusals(facts), ...deadlineRefusals(settings, ctx.now().getTime())];
    if (reasons.length > 0) {
      const { micros } = startDemand(facts);
      const needs = micros > facts.capMicros ? { needsUsd: formatUsd(micros) } : {};
      throw new QuorateError('not_startable', reasons.join(' '), { details: { reasons, ...needs } });
    }
    warnings = startWarnings(facts);
    const fault = await goldFault(ctx, id, settings);
    if (fault !== undefined) throw new QuorateError('not_startable', fault, { details: { reasons: [fault] } });
    if (
      !(await markStarted(ctx.db, id, campaign.policyVersion)) &&
      (await findCampaign(ctx.db, id))?.state === 'draft'
    ) {
      throw new QuorateError('unavailable', 'The settings were changed by someone else just now; try again.');
    }
    ctx.bell.ring();
  }
  try {
    const start = await campaignStart(ctx.db, id);
    if (start) await ctx.workflows.startCampaign(start);
  } catch (error) {
    // It is stored that it is to be started: that happens as soon as it can.
    if (!(error instanceof QuorateError) || error.code !== 'unavailable') throw error;
  }
  ctx.campaigns.forget(id);
  ctx.views.forget(id);
  return { warnings };
}

function refuseUnlessStartable({ state, name }: CampaignRow): void {
  if (state === 'draft' || state === 'running') return;
  if (state === 'paused') {
    throw new QuorateError('conflict', `The campaign ${name} is paused; resume it instead of starting it.`);
  }
  throw new QuorateError('campaign_closed', `The campaign ${name} is ${state}; it cannot be started again.`);
}

async function factsOf({ db }: Context, { id, organisationId, settings: its }: CampaignRow): Promise<StartFacts> {
  const settings = its as CampaignSettings;
  const [items, eligibleAnnotators, budget, organisation, limits] = await Promise.all([
    campaignCounts(db, id),
    countEligible(db, eligibility(id, settings)),
    budgetOf(db, id),
    organisationLimit(db, organisationId),
    limitsOf(db, id),
  ]);
  return {
    ...startFacts(settings, { items, eligibleAnnotators, capMicros: budget.capMicros }),
    organisationFreeMicros: leftOf(organisation),
    workforceFree: firstWorkforceLeft(limits, settings.workforces),
  };
}

function deadlineRefusals({ stop: { deadline } }: CampaignSettings, nowMs: number): string[] {
  if (deadline === undefined || Date.parse(deadline) > nowMs) return [];
  return [`It would stop at once: its stop.deadline ${deadline} is past. Give it a later one, or none.`];
}

/** What decides whether such a campaign can start, with so many items and annotators. */
export function startFacts(
  settings: CampaignSettings,
  {
    items,
    eligibleAnnotators,
    capMicros,
  }: {
    readonly items: { readonly pool: number; readonly gold: number };
    readonly eligibleAnnotators: number;
    readonly capMicros: bigint;
  },
): StartFacts {
  const vendors = settings.workforces.some(isVendor);
  return {
    type: settings.type,
    strategy: settings.strategy,
    // Somebody else's model is of classes, too.
    learns: getTaskType(settings.type).modelTarget(settings.config).kind !== 'none',
    poolItems: items.pool,
    goldItems: items.gold,
    // A vendor brings as many annotators as are wanted.
    eligibleAnnotators: vendors ? settings.redundancy : eligibleAnnotators,
    tier: settings.tier,
    workforces: settings.workforces,
    language: settings.language,
    redundancy: settings.redundancy,
    maxRedundancy: settings.onDisagreement === 'extend' && !vendors ? settings.maxRedundancy : settings.redundancy,
    batchSize: settings.batchSize,
    maxTasks: settings.stop.maxTasks ?? null,
    goldRatio: settings.goldRatio,
    goldFloor: settings.goldFloor,
    taskWorstCaseMicros: taskWorstCaseMicros(settings),
    repeatsPerTaskMicros: repeatReserveMicros(settings.consistency, {
      answers: settings.redundancy,
      priceMicros: BigInt(settings.priceMicros),
    }),
    // As batches price their golds.
    answerPriceMicros: mostMicros(BigInt(settings.priceMicros), firstVendorMicros(settings)),
    capMicros,
  };
}
