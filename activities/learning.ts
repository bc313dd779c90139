import { Context } from '@temporalio/activity';
import { countRecalibrating, earlyGoldsOf } from '../db/queries/annotators.ts';
import { type CampaignRow, findCampaign } from '../db/queries/campaigns.ts';
import { roomNow } from '../db/queries/limits.ts';
import { budgetOf } from '../db/queries/money.ts';
import { lastRounds } from '../db/queries/progress.ts';
import * as selection from '../db/queries/selection.ts';
import { campaignCounts } from '../db/queries/tallies.ts';
import { REFIT_GROWTH } from '../domain/aggregation/crowd/learnt-crowd.ts';
import type { CampaignMemory, FitPoint } from '../domain/campaign.ts';
import { QuorateError } from '../domain/failures.ts';
import { goldFloorMicros, goldReserveMicros, MAX_NEWCOMERS, recalibrationMicros } from '../domain/feasibility.ts';
import type { ModelRows } from '../domain/learning/campaign-model.ts';
import { interleaved, leftOutCount, type SliceSettings } from '../domain/learning/evaluation-slice.ts';
import type { ItemRows } from '../domain/learning/item-rows.ts';
import { LEAST_ITEMS, type LearningLine, partSizes } from '../domain/learning/learning-line.ts';
import { decodeModel } from '../domain/learning/linear-model.ts';
import { type SoftLabel, softLabel } from '../domain/learning/targets.ts';
import { leastMicros, mostMicros } from '../domain/money.ts';
import { repeatReserveMicros } from '../domain/quality/consistency.ts';
import { type CampaignSettings, firstVendorMicros, taskPolicyOf, taskWorstCaseMicros } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import { TIERS, tierMeets, tierRank } from '../domain/tiers.ts';
import { watchAgreement } from './agreement-watch.ts';
import { LOOKED_AT, labelByModel } from './auto-label.ts';
import { createCampaignJudge } from './campaign-judge.ts';
import { createChooser, keptOf, seedOf } from './choose-batch.ts';
import { fitCrowd } from './crowd.ts';
import type { Dependencies } from './dependencies.ts';
import { typedFailures } from './failures.ts';
import { createFeatureStore } from './feature-store.ts';
import { heldOutItems, measureModel, worthOfMore } from './held-out.ts';
import { measureJudges } from './judge-measuring.ts';
import { createOwnModel } from './own-model.ts';
import { createRelabeler } from './relabel.ts';
import { fitReliability } from './reliability.ts';
import { reviseDecisions } from './revisions.ts';
import { createSelectionPreview } from './selection-preview.ts';
import { calibrated } from './slice-answers.ts';
import { storedModel } from './stored-model.ts';
import { apart } from './threads/apart.ts';
import { whileWanted } from './threads/while-wanted.ts';
import { unlessUnavailable } from './vector-store.ts';

/** A larger sample takes longer to fit and hardly teaches more. */
const MAX_TRAINING = 20_000;
/** Likewise of rankings, which teach several comparisons each. */
const MAX_RANKINGS = 5000;
/** A forgotten authorization may be released after this long beyond all of a task's windows. */
const AUTHORIZATION_SLACK_MS = 30 * 24 * 3600 * 1000;
/** A campaign that was paused or stopped meanwhile, without its workflow knowing, is looked at again after this long. */
const NOT_RUNNING_MS = 5000;

/** A cap that other campaigns draw on, too, is looked at again after this long; who raises it tells whoever waits. */
const OTHER_CAP_MS = 10 * 60 * 1000;

/** Choosing batches and fitting models: heavy work, run by workers of its own. */
export function createLearningActivities(dependencies: Dependencies) {
  const { db, nowMs, wake, modelHosts = [], modelKeys = {}, modelPrices = {}, modelsDir } = dependencies;
  const ownModel = createOwnModel(db, { hosts: modelHosts, keys: modelKeys });
  const access = { hosts: modelHosts, keys: modelKeys, prices: modelPrices, modelsDir };
  const features = createFeatureStore(db, access);
  const chooser = createChooser({ db, features, ownModel });
  const judgeOf = createCampaignJudge({ features, ownModel });
  const nextAnswers = createRelabeler({ db, judgeOf });

  async function campaignOf(campaignId: string): Promise<{ campaign: CampaignRow; settings: CampaignSettings }> {
    const campaign = await findCampaign(db, campaignId);
    if (!campaign) throw new QuorateError('not_found', `There is no campaign ${campaignId}.`);
    return { campaign, settings: campaign.settings as CampaignSettings };
  }

  const waiting = (waitsFor: selection.PlannedBatch['waitsFor']) => {
    if (waitsFor === null) return { blocked: 'budget' as const };
    const untilMs = waitsFor === 'another cap' ? nowMs() + OTHER_CAP_MS : waitsFor.day.getTime();
    return { blocked: 'pace' as const, untilMs };
  };

  /** Why nothing can be chosen, whatever would be: each task that settles has a campaign look again. */
  async function blockedForMoney(campaignId: string, settings: CampaignSettings) {
    const room = await roomNow(db, { campaignId, workforce: settings.workforces[0] ?? 'internal' });
    const { freeMicros, workforceMicros } = room;
    // One answer more to an old task costs less, and may be another workforce's.
    const neededMicros = settings.relabel ? BigInt(settings.priceMicros) : taskWorstCaseMicros(settings);
    const free = settings.relabel ? freeMicros : leastMicros(freeMicros, workforceMicros ?? freeMicros);
    // An empty pool is the end, and no reason to wait.
    if (neededMicros === 0n || free >= neededMicros || (await campaignCounts(db, campaignId)).pool === 0)
      return undefined;
    return waiting(selection.whatFor(room, neededMicros));
  }

  const activities = {
    previewSelection: createSelectionPreview(db, { chooser, ownModel, access }),

    /** Learns the crowd once more from all answers and judges the decided tasks by it; see `reviseDecisions`. */
    async reviseDecisions(input: { campaignId: string }): Promise<{ judged: number; revised: number }> {
      const { campaignId } = input;
      const { settings } = await campaignOf(campaignId);
      await fitCrowd(db, { campaignId, settings, growth: 1 }, whileWanted());
      await fitReliability(db, { campaignId, settings, growth: 1 }, alive);
      const revised = await reviseDecisions(db, campaignId, alive);
      if (settings.autoLabel) {
        const round = (await lastRounds(db, campaignId, 1)).at(-1)?.round ?? 0;
        const judge = judgeOf(campaignId, settings, await storedModel(db, campaignId), whileWanted());
        const limit = Number.POSITIVE_INFINITY;
        if (judge) await labelByModel(db, { campaignId, settings, round, judge, limit, alive });
      }
      return revised;
    },

    /** Chooses the next batch, reserves its money and creates its tasks. Idempotent by (campaign, round). */
    async selectBatch(input: {
      campaignId: string;
      round: number;
      count: number;
    }): Promise<{ taskIds: string[]; blocked: CampaignMemory['blocked']; untilMs?: number; notRunning?: true }> {
      const { campaignId, round } = input;
      const before = await selection.plannedRound(db, { campaignId, round });
      if (before) return { taskIds: before, blocked: null };
      const { campaign, settings } = await campaignOf(campaignId);
      const limit = settings.stop.maxTasks;
      const have = await selection.countWorkTasks(db, campaignId);
      const left = limit === undefined ? input.count : limit - have.tasks;
      if (left <= 0) return { taskIds: [], blocked: 'max_tasks' };
      const withoutRoom = campaign.state === 'running' ? await blockedForMoney(campaignId, settings) : undefined;
      if (withoutRoom) return { taskIds: [], ...withoutRoom };
      const seed = seedOf(settings, campaignId, round);
      const count = Math.min(input.count, left);
      const { evaluation } = settings;
      const evaluationMicros = evaluation ? await sliceMicros(campaignId, evaluation) : undefined;
      const measuring = await chooser.slice(campaignId, settings, seed, { have, count, evaluationMicros });
      const aside = new Set(measuring.map(({ itemId }) => itemId));
      const choice = await chooser.training(campaignId, settings, count - measuring.length, seed);
      const fresh = choice.chosen.filter(({ itemId }) => !aside.has(itemId));
      if (fresh.length + measuring.length === 0) return { taskIds: [], blocked: 'pool_empty' };
      alive();
      const { pool: poolSize, gold: goldItems, tasksOpen } = await campaignCounts(db, campaignId);
      const { teaching, again } = await nextAnswers(campaignId, settings, {
        ...{ inputs: choice.inputs, teaching: fresh, seed, poolSize },
      });
      const chosen = interleaved<selection.Chosen>(teaching, measuring);
      alive();

      const priceMicros = BigInt(settings.priceMicros);
      const requiredTier = tierRank(settings.tier);
      const workforce = settings.workforces[0] ?? 'internal';
      const { policyVersion, instructionsVersion } = campaign;
      const versions = { policyVersion, instructionsVersion };
      await selection.openGoldTasks(db, { campaignId, priceMicros, requiredTier, workforce, ...versions });
      const { redundancy, goldRatio, goldFloor } = settings;
      const { annotators, met, recalibrating } = await countMeeting(campaignId, settings);
      const goldPriceMicros = mostMicros(priceMicros, firstVendorMicros(settings));
      /** Of tasks that are open and so many new ones. */
      const goldMicros = (fresh: number) => {
        const tasks = tasksOpen + fresh;
        const golds = { goldRatio, goldItems, goldFloor };
        const usual = { tasks, answersPerTask: redundancy, answerPriceMicros: goldPriceMicros, ...golds };
        const early = { annotators, answers: tasks * redundancy, met, priceMicros: goldPriceMicros, ...golds };
        const doubted = { recalibrating, answers: tasks * redundancy, priceMicros: goldPriceMicros, ...golds };
        return goldReserveMicros(usual) + goldFloorMicros(early) + recalibrationMicros(doubted);
      };
      const repeatsPerTaskMicros = repeatReserveMicros(settings.consistency, { answers: redundancy, priceMicros });
      const policy = taskPolicyOf(settings, policyVersion);
      const longestMs =
        policy.windowMs * (policy.escalation.length + 1) + policy.adjudicationMs + AUTHORIZATION_SLACK_MS;
      const { taskIds, running, waitsFor } = await selection.planBatch(db, {
        campaignId,
        round,
        strategy: settings.strategy,
        seed,
        chosen,
        ...(again.length > 0 ? { relabel: { tasks: again, nowMs: nowMs() } } : {}),
        kept: keptOf(choice.inputs),
        ...(evaluationMicros === undefined ? {} : { evaluationMicros }),
        ...versions,
        redundancy: settings.redundancy,
        priceMicros,
        requiredTier,
        workforce,
        taskWorstCaseMicros: taskWorstCaseMicros(settings),
        goldMicros,
        repeatsPerTaskMicros,
        repeatsSoFarMicros: BigInt(have.tasks) * repeatsPerTaskMicros,
        expiresAt: new Date(nowMs() + longestMs),
        startPayload: { campaignId, policy },
      });
      wake();
      if (taskIds.length > 0) return { taskIds, blocked: null };
      // Its workflow is about to know, and must not ask again and again until then.
      if (!running) return { taskIds, blocked: 'pace', untilMs: nowMs() + NOT_RUNNING_MS, notRunning: true };
      return { taskIds, ...waiting(waitsFor) };
    },

    /**
     * Fits the model on the decided tasks and measures it on what it never trains on; then the model of the crowd,
     * by which the next tasks are decided. `ambiguous`: annotators agree so little that the task itself is at fault.
     */
    async fitModel(input: {
      campaignId: string;
      round: number;
    }): Promise<{ point: FitPoint | null; ambiguous?: boolean }> {
      const { campaignId, round } = input;
      const { campaign, settings } = await campaignOf(campaignId);
      const type = getTaskType(settings.type);
      const target = type.modelTarget(settings.config);
      const { items: decided, total } = await selection.labeledItems(
        db,
        campaignId,
        target.kind === 'ranking' ? MAX_RANKINGS : MAX_TRAINING,
      );
      const taught = decided.flatMap((row) => {
        const value = type.modelLabel(row.label, settings.config);
        const soft = softLabel(target, { distribution: row.distribution ?? {}, value, confidence: row.confidence });
        return soft ? [{ itemId: row.itemId, ...soft }] : [];
      });
      // What labels cost, and how far they have brought the model, goes by all of them.
      const labels = taught.length + total - decided.length;
      const ids = taught.map(({ itemId }) => itemId);
      const wanted = whileWanted();
      const space = { campaignId, settings };
      const rows = await unlessUnavailable(async () => {
        await features.renewSpace(space, wanted);
        return ownModel(settings) ? { own: true } : features.rowsOf(space, ids, wanted);
      });
      const measuring = await heldOutItems(db, space);
      let learningLine: LearningLine | null = null;
      /** How the error fell with the labels, by models of the first of them: they come in the order of being chosen. */
      const lineOf = async (fit: ModelRows & { labels: readonly SoftLabel[] }, spaceVersion: number) => {
        const { known } = measuring;
        if (partSizes(taught.length).length === 0 || known.length < LEAST_ITEMS) return null;
        const of = { ...space, spaceVersion };
        const ids = known.map(({ itemId }) => itemId);
        const rows = await unlessUnavailable(() => features.rowsOf(of, ids, wanted));
        if (!('matrix' in rows)) return null;
        const { matrix, answers } = rows;
        const measured = { rows: { matrix, answers }, truths: known.map(({ truth }) => truth) };
        const line = await apart('fitLine', { ...fit, target, measured }, wanted);
        // Of very many labels the model sees a sample.
        return line && { ...line, labels: Math.round((line.labels * labels) / taught.length) };
      };
      const fitted = async ({ matrix, spread, answers, spaceVersion }: ItemRows & { spaceVersion: number }) => {
        const before = await storedModel(db, campaignId);
        // In another space its weights are those of other columns.
        const warmStart = before?.spaceVersion === spaceVersion ? before.model : undefined;
        const fit = { target, matrix, spread, answers, labels: taught };
        const bytes = await apart('fitModel', { ...fit, warmStart }, wanted);
        if (!bytes) return undefined;
        learningLine = await lineOf(fit, spaceVersion);
        return calibrated(db, { bytes, spaceVersion }, { campaignId, settings, judgeOf, wanted });
      };
      // Without vectors there is no new model, and the last one stays.
      const stored = 'matrix' in rows ? await fitted(rows) : undefined;
      // What is measured is the model that will choose: as it is stored, calibrated, not as it was fitted.
      const model = stored && { model: decodeModel(stored.bytes), spaceVersion: stored.spaceVersion };
      const judge = judgeOf(campaignId, settings, model, wanted);
      const heldOut = judge ? await measureModel(measuring, target, judge.answersOf) : null;
      await fitCrowd(db, { campaignId, settings, growth: REFIT_GROWTH }, wanted);
      await fitReliability(db, { campaignId, settings, growth: REFIT_GROWTH }, alive);
      await selection.storeFit(db, {
        campaignId,
        round,
        trainedOn: taught.length,
        labels,
        heldOut,
        learningLine,
        stored: stored ?? null,
      });
      if (judge) await labelByModel(db, { campaignId, settings, round, judge, limit: LOOKED_AT, alive });
      alive();
      const { reopened } = await measureJudges(db, campaign, settings, nowMs());
      if (reopened > 0) wake();
      alive();
      const ambiguous = await watchAgreement(db, campaign, settings);
      // No stop rule goes by gold while a slice is still to be labelled: it need not be as hard.
      const measured = heldOut?.on === 'gold' && settings.evaluation ? null : heldOut;
      const point = measured && {
        labels,
        ...{ accuracy: measured.accuracy, low: measured.low, on: measured.on, count: measured.count },
        measuredShare: measured.count / (measured.count + leftOutCount(measured.leftOut)),
        ...(await worthOfMore(db, campaignId, settings.stop.plateau)),
      };
      return ambiguous ? { point, ambiguous } : { point };
    },
  };
  return typedFailures(activities, { bugs: ['invalid_input'] });

  /** What the slice may draw in all: its own budget, or its share of the campaign's. */
  async function sliceMicros(campaignId: string, { share, budgetMicros }: SliceSettings): Promise<bigint> {
    if (budgetMicros !== undefined) return BigInt(budgetMicros);
    const { capMicros } = await budgetOf(db, campaignId);
    return (capMicros * BigInt(Math.round(share * 1e6))) / 1_000_000n;
  }

  /** Who may meet golds out of turn: annotators who may work on it, those of them who are new to it, and who is in doubt. */
  async function countMeeting(campaignId: string, settings: CampaignSettings) {
    const { goldRatio, goldFloor: floor, tier, workforces, language, type } = settings;
    if (goldRatio === 0) return { annotators: 0, met: 0, recalibrating: 0 };
    const tiers = TIERS.filter((each) => tierMeets(each, tier));
    const query = { campaignId, workforces, language, tiers, limit: MAX_NEWCOMERS };
    const early = await earlyGoldsOf(db, { ...query, floor });
    return { ...early, recalibrating: await countRecalibrating(db, { ...query, taskType: type }) };
  }
}

function alive(): void {
  Context.current().heartbeat();
}
