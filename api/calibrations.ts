import type { AnnotatorRow } from '../db/queries/annotators.ts';
import {
  beginCalibration,
  type CalibrationItemRow,
  type CalibrationSessionRow,
  calibrationItemsOf,
  calibrationSessionsOf,
  findCalibrationSession,
  storeCalibrationAnswer,
} from '../db/queries/calibration.ts';
import { QuorateError } from '../domain/failures.ts';
import {
  type CalibrationCall,
  calibrationCall,
  DEFAULT_CALIBRATION,
  rightNeeded,
} from '../domain/quality/calibration.ts';
import type { CampaignSettings } from '../domain/settings.ts';
import { isRightAnswer } from '../domain/tasks/index.ts';
import { readLabel } from '../domain/tasks/read.ts';
import type { TaskTypeName } from '../domain/tasks/task-type.ts';
import type { CampaignFacts, OfferedCampaign } from './campaign-cache.ts';
import type { Context } from './context.ts';
import { offersTo, recalibrationAt, standingAt } from './offered.ts';
import { notFound } from './problems.ts';

/** A session with what it shows, as its items are stored. */
export interface CalibrationSession {
  readonly session: CalibrationSessionRow;
  readonly campaign: CampaignFacts;
  readonly items: readonly CalibrationItemRow[];
}

/** A campaign that gives or asks for a session of this annotator. */
export interface CalibrationOffer {
  readonly campaign: OfferedCampaign;
  readonly call: CalibrationCall;
  /** The newest session there, open or ended. */
  readonly last: CalibrationSessionRow | undefined;
}

type Reader = Pick<Context, 'db' | 'campaigns' | 'now'>;

/** The rules of a campaign; null where it gives no sessions. */
export function calibrationRulesOf({ calibration }: CampaignSettings) {
  return calibration === undefined ? DEFAULT_CALIBRATION : calibration;
}

/** The running campaigns where a session is called for, may be repeated later, or is open. */
export async function calibrationOffers(ctx: Reader, annotator: AnnotatorRow): Promise<CalibrationOffer[]> {
  const offers: CalibrationOffer[] = [];
  for (const campaign of await ctx.campaigns.open()) {
    if (!offersTo(campaign, annotator)) continue;
    const offer = await offerOf(ctx, annotator, campaign);
    if (offer && (offer.call.called || offer.call.retryAtMs !== null || offer.last?.state === 'open'))
      offers.push(offer);
  }
  return offers;
}

/** Task types of running campaigns at which there is work only while golds are left that decide about their standing. */
export async function heldBackAt(ctx: Reader, annotator: AnnotatorRow): Promise<TaskTypeName[]> {
  const open = (await ctx.campaigns.open()).filter((campaign) => offersTo(campaign, annotator));
  const doubted = open.filter((campaign) => recalibrationAt(annotator, campaign) === 'for cause');
  return [...new Set(doubted.map(({ type }) => type.name))];
}

async function offerOf(
  ctx: Reader,
  annotator: AnnotatorRow,
  campaign: OfferedCampaign,
): Promise<CalibrationOffer | undefined> {
  const rules = calibrationRulesOf(campaign.settings);
  if (!rules) return undefined;
  const standing = standingAt(annotator, campaign);
  // Most people are active where no session is asked for: nothing to look up.
  if (standing === 'suspended' || (standing === 'active' && !rules.required)) return undefined;
  const query = { annotatorId: annotator.id, campaignId: campaign.id, limit: 50 };
  const sessions = await calibrationSessionsOf(ctx.db, query);
  const passed = sessions.find(({ state }) => state === 'passed');
  const ended = passed ?? sessions.find(({ state }) => state === 'failed');
  const facts = {
    standing,
    last: ended?.endedAt ? { passed: passed !== undefined, endedAtMs: ended.endedAt.getTime() } : null,
    nowMs: ctx.now().getTime(),
  };
  return { campaign, call: calibrationCall(facts, rules), last: sessions[0] };
}

/** Begins the session that is called for in a campaign, or finds the open one. */
export async function openCalibration(
  ctx: Reader,
  annotator: AnnotatorRow,
  campaignId: string,
): Promise<CalibrationSession & { fresh: boolean }> {
  const campaign = (await ctx.campaigns.open()).find(({ id }) => id === campaignId);
  if (!campaign || !offersTo(campaign, annotator)) throw notFound('campaign', campaignId);
  if (standingAt(annotator, campaign) === 'suspended') {
    throw new QuorateError('suspended', 'You are suspended from such tasks; only a person can take that back.');
  }
  const offer = await offerOf(ctx, annotator, campaign);
  const rules = calibrationRulesOf(campaign.settings);
  if (offer?.last?.state === 'open') return { ...(await shown(ctx, offer.last)), fresh: false };
  if (!offer || !rules) {
    throw new QuorateError('conflict', 'No calibration session is called for here: your standing is not in doubt.');
  }
  if (!offer.call.called) {
    const { retryAtMs } = offer.call;
    const when = retryAtMs === null ? '' : ` You may try again from ${new Date(retryAtMs).toISOString()} on.`;
    throw new QuorateError('conflict', `No calibration session is called for here now.${when}`);
  }
  const begun = await beginCalibration(ctx.db, {
    annotatorId: annotator.id,
    campaignId,
    taskType: campaign.type.name,
    reason: offer.call.reason,
    examples: rules.examples,
    questions: rules.questions,
    needed: rightNeeded(rules.questions, rules.passAccuracy),
  });
  if (!begun) {
    // Not how many there are: the number falls with each gold that is taken as a task, and would tell which one that was.
    const message = `A calibration session takes ${rules.questions} known answers that you have not met, and the campaign has too few; tell its requester.`;
    throw new QuorateError('conflict', message);
  }
  return { ...(await shown(ctx, begun.session)), fresh: begun.fresh };
}

/** One session of this annotator. */
export async function calibrationOf(ctx: Reader, annotatorId: string, id: string): Promise<CalibrationSession> {
  const session = await findCalibrationSession(ctx.db, { id, annotatorId });
  if (!session) throw notFound('calibration', id);
  return shown(ctx, session);
}

/** What the annotator sees of one of its items, as with any task: the form's own fields, in an order drawn for them. */
export function presented({ session, campaign: { type } }: CalibrationSession, item: CalibrationItemRow) {
  const drawn = type.present?.(item.payload, `${session.id} ${item.part} ${item.number}`);
  if (!drawn) return { payload: item.payload, known: item.known, asStored: (label: unknown) => label };
  const { payload, order } = drawn;
  const known = type.redo?.(item.known, order) ?? item.known;
  return { payload, known, asStored: (label: unknown) => type.undo?.(label, order) ?? label };
}

async function shown(ctx: Reader, session: CalibrationSessionRow): Promise<CalibrationSession> {
  const campaign = await ctx.campaigns.facts(session.campaignId);
  if (!campaign) throw notFound('campaign', session.campaignId);
  return { session, campaign, items: await calibrationItemsOf(ctx.db, session.id) };
}

/**
 * Grades and stores the answer to a session's next question. The same answer to the one before gets the same verdict
 * again; another answer to it, or one to a later question, is a conflict.
 */
export async function answerCalibration(
  ctx: Reader & Pick<Context, 'bell'>,
  annotatorId: string,
  id: string,
  given: { number: number; label: unknown; timeSpentS: number },
): Promise<{ fresh: boolean; correct: boolean; known: unknown } & CalibrationSession> {
  const asked = await calibrationOf(ctx, annotatorId, id);
  const { campaign, items } = asked;
  const { type, settings } = campaign;
  const item = items.find(({ part, number }) => part === 'question' && number === given.number);
  if (!item) {
    throw new QuorateError('invalid_input', `number is ${given.number}; the session has no such question.`, {
      field: 'number',
    });
  }
  const { known, asStored } = presented(asked, item);
  const label = asStored(readLabel(type, settings.config, given.label, item.payload));
  const correct = isRightAnswer(type, settings.config, label, item.known);
  const fresh = await ctx.db.begin(async (tx) => {
    const session = await findCalibrationSession(tx, { id, annotatorId, hold: true });
    if (!session) throw notFound('calibration', id);
    const questions = (await calibrationItemsOf(tx, id)).filter(({ part }) => part === 'question');
    const before = questions.find(({ number }) => number === given.number);
    if (before?.answeredAt) {
      if (type.canonical(before.label) === type.canonical(label)) return false;
      throw new QuorateError('conflict', 'This question was answered before with another label; the first one stands.');
    }
    const next = questions.find(({ answeredAt }) => answeredAt === null);
    if (next?.number !== given.number) {
      const message = `Questions are answered in their order; the next is number ${next?.number ?? 'none'}.`;
      throw new QuorateError('conflict', message, { field: 'number' });
    }
    await storeCalibrationAnswer(tx, { session, label, correct, number: given.number, timeSpentS: given.timeSpentS });
    return true;
  });
  if (fresh) ctx.bell.ring();
  return { fresh, correct, known, ...(await calibrationOf(ctx, annotatorId, id)) };
}
