import {
  ApproveAssignmentCommand,
  type Assignment,
  CreateHITCommand,
  GetAssignmentCommand,
  GetHITCommand,
  type HIT,
  ListAssignmentsForHITCommand,
  ListBonusPaymentsCommand,
  ListHITsCommand,
  RejectAssignmentCommand,
  SendBonusCommand,
  UpdateExpirationForHITCommand,
} from '@aws-sdk/client-mturk';
import { mostMicros } from '../domain/money.ts';
import { VENDOR_TYPES } from '../domain/vendors/capabilities.ts';
import type { FormAnswers, FormQuestion } from '../domain/vendors/form.ts';
import { MAX_UNITS } from '../domain/vendors/limits.ts';
import { MTURK_ACCEPTS_AFTER_S } from '../domain/vendors/names.ts';
import { WORKERS_PAID } from '../domain/vendors/paying.ts';
import { VendorError } from './errors.ts';
import { createMturkClient, isCode, isGone, type MturkClientOptions } from './mturk-client.ts';
import { answersOfXml, questionXml } from './mturk-form.ts';
import { buyParts, CENT, jsonFrom, lookAround, objectOf, requireReward, requireWholeCents, textOf } from './shared.ts';
import {
  call,
  type FetchedUnit,
  type Order,
  type Placement,
  type Review,
  type Unit,
  type Vendor,
  type VendorResponse,
} from './vendor.ts';

export interface MturkOptions extends MturkClientOptions {
  readonly assignmentDurationS?: number;
}

const PAGE = 100;
const MAX_PAGES = 1000;
const DAY_S = 86_400;
/** The least and the most that a HIT is listed, a year. */
const [LEAST_S, MOST_S] = [30, 365 * DAY_S] as const;
/** A moment that is over, and not the first there ever was, which is nothing to some. */
const LONG_AGO = new Date(DAY_S * 1000);

/**
 * Amazon Mechanical Turk: one HIT a task, under our key as its `UniqueRequestToken`. That is known for a day alone, so
 * after an unknown outcome the HITs are listed and matched by `RequesterAnnotation` before anything is created.
 */
export function createMturk(options: MturkOptions): Vendor {
  const { client, send } = createMturkClient(options);

  async function known(keys: ReadonlySet<string>): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    let next: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new ListHITsCommand({ MaxResults: PAGE, ...(next === undefined ? {} : { NextToken: next }) });
      const { HITs = [], NextToken } = await send('retryable', () => client.send(command));
      for (const hit of HITs) {
        const key = keyOf(hit);
        if (key !== undefined && hit.HITId && keys.has(key)) found[key] = hit.HITId;
      }
      next = NextToken || undefined;
      if (next === undefined || HITs.length === 0) return found;
    }
    return found;
  }

  async function create(order: Order, unit: Unit): Promise<string> {
    const command = new CreateHITCommand({
      Title: order.campaign.name.slice(0, 128),
      Description: (order.instructions.trim() || order.campaign.name).slice(0, 2000),
      Question: questionXml(order.instructions, unit.form),
      Reward: dollars(rewardMicros(order.priceMicros, unit.answers)),
      MaxAssignments: unit.answers,
      LifetimeInSeconds: lifetimeS(order),
      AssignmentDurationInSeconds: options.assignmentDurationS ?? 3600,
      AutoApprovalDelayInSeconds: MTURK_ACCEPTS_AFTER_S,
      RequesterAnnotation: JSON.stringify({ k: unit.key }),
      UniqueRequestToken: unit.key.slice(0, 64),
    });
    try {
      const { HIT } = await send('ambiguous', () => client.send(command));
      if (HIT?.HITId) return HIT.HITId;
    } catch (error) {
      if (!isCode(error, 'HitAlreadyExists')) throw error;
      const id = (await known(new Set([unit.key])))[unit.key] ?? (await named(error, unit.key));
      if (id === undefined)
        throw new VendorError('ambiguous', `MTurk knows the token ${unit.key}, and does not list its HIT yet.`);
      return id;
    }
    throw new VendorError('ambiguous', `MTurk made a HIT for ${unit.key} and did not say which.`);
  }

  /** The HIT that a refusal names, if it is the one of this key. */
  async function named(error: unknown, key: string): Promise<string | undefined> {
    for (const [HITId] of String((error as Error).message).matchAll(/\b[0-9A-Z]{16,64}\b/g)) {
      const { HIT } = await send('retryable', () => client.send(new GetHITCommand({ HITId }))).catch(() => NONE);
      if (HIT && keyOf(HIT) === key) return HITId;
    }
    return undefined;
  }

  /** How an assignment stands, in MTurk's words; 'unknown' where it has none such. */
  async function statusOf(AssignmentId: string): Promise<string> {
    try {
      const { Assignment } = await send('retryable', () => client.send(new GetAssignmentCommand({ AssignmentId })));
      return Assignment?.AssignmentStatus ?? 'unknown';
    } catch (error) {
      if (isCode(error, 'AssignmentDoesNotExist')) return 'unknown';
      throw error;
    }
  }

  async function assignmentsOf(hitId: string): Promise<Assignment[]> {
    const found: Assignment[] = [];
    let next: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const command = new ListAssignmentsForHITCommand({
        HITId: hitId,
        AssignmentStatuses: ['Submitted', 'Approved', 'Rejected'],
        MaxResults: PAGE,
        ...(next === undefined ? {} : { NextToken: next }),
      });
      const { Assignments = [], NextToken } = await send('retryable', () => client.send(command));
      found.push(...Assignments);
      next = NextToken || undefined;
      if (next === undefined || Assignments.length === 0) break;
    }
    return found;
  }

  async function fetchUnit(unit: Unit, hitId: string): Promise<FetchedUnit> {
    const { key } = unit;
    try {
      // The HIT first: what is submitted in between is then seen next time, not lost.
      const { HIT } = await send('retryable', () => client.send(new GetHITCommand({ HITId: hitId })));
      const assignments = await assignmentsOf(hitId);
      const full = assignments.length >= unit.answers;
      const over = HIT?.HITStatus === 'Reviewable' || HIT?.HITStatus === 'Reviewing' || HIT?.HITStatus === 'Disposed';
      const state = full ? 'done' : over && (HIT?.NumberOfAssignmentsPending ?? 0) === 0 ? 'cancelled' : 'open';
      const cost = costOf(HIT, unit.answers);
      const responses = assignments.map((each) => ({ ...readAssignment(each, unit.form.questions), ...cost }));
      return { key, state, responses };
    } catch (error) {
      // Disposed of, which keeps no other task from being looked at.
      if (!isGone(error)) throw error;
      return { key, state: 'cancelled', reason: 'its HIT does not exist any more.', responses: [] };
    }
  }

  return {
    name: 'mturk',
    capabilities: {
      types: VENDOR_TYPES.mturk,
      news: 'poll',
      price: 'set_by_us',
      workersPaid: WORKERS_PAID.mturk,
      maxUnits: MAX_UNITS.mturk,
      maxAnswers: 25,
      cancels: 'unit',
    },
    estimate({ priceMicros, units }) {
      const costs = units.map(({ answers }) => {
        const each = withFee(rewardMicros(priceMicros, answers), answers);
        return { each, all: each * BigInt(answers) };
      });
      return {
        perAnswerMicros: mostMicros(0n, ...costs.map(({ each }) => each)),
        totalMicros: costs.reduce((sum, { all }) => sum + all, 0n),
        basis: 'reward in whole cents and fee (20 %, 40 % from 10 answers on; at least a cent), within the price',
      };
    },

    submit: call('idempotent_by_key', async (order, { again }): Promise<Placement> => {
      const there = again ? await known(new Set(order.units.map(({ key }) => key))) : {};
      const missing = order.units.filter(({ key }) => there[key] === undefined);
      for (const { answers } of missing) requireReward(rewardMicros(order.priceMicros, answers), 2n * CENT);
      const buy = async (unit: Unit) => ({ [unit.key]: await create(order, unit) });
      return { externalId: order.key, ...(await buyParts(missing, buy, there)) };
    }),

    fetch: call('read_only', async (order, placement): Promise<FetchedUnit[]> => {
      const places = order.units.flatMap((unit) => {
        const hitId = placement.units[unit.key];
        return hitId === undefined ? [] : [[{ unit, hitId }, [unit.key]] as const];
      });
      return lookAround(places, async ({ unit, hitId }) => [await fetchUnit(unit, hitId)]);
    }),

    /** Expires the HITs: nobody may begin any more; whoever has begun may finish and is paid. */
    cancel: call('idempotent_by_key', async (_order, placement, unitKeys) => {
      for (const key of unitKeys) {
        const HITId = placement.units[key];
        if (HITId === undefined) continue;
        await send('retryable', () => client.send(new UpdateExpirationForHITCommand({ HITId, ExpireAt: LONG_AGO })));
      }
    }),

    settle: call('idempotent_by_key', async (_order, _placement, act) => {
      const AssignmentId = act.responseId;
      const wanted = act.act === 'accept' ? 'Approved' : 'Rejected';
      try {
        await send('retryable', async () => {
          if (act.act === 'accept') await client.send(new ApproveAssignmentCommand({ AssignmentId }));
          else await client.send(new RejectAssignmentCommand({ AssignmentId, RequesterFeedback: act.reason }));
        });
      } catch (error) {
        if (!(error instanceof VendorError) || error.kind !== 'permanent') throw error;
        // Refused as it is in that state already, or not: its state says.
        const status = await statusOf(AssignmentId);
        if (status !== wanted) return { refused: `MTurk has the answer as ${status}. ${error.message}` };
      }
      return 'done' as const;
    }),

    bonusFeeMicros: (amountMicros) => atLeastACent((amountMicros * 20n) / 100n),

    bonus: call('at_most_once', async (_order, _placement, act) => {
      requireWholeCents('MTurk', act.amountMicros);
      const command = new SendBonusCommand({
        WorkerId: act.workerId,
        AssignmentId: act.responseId,
        BonusAmount: dollars(act.amountMicros),
        Reason: act.reason,
        UniqueRequestToken: act.key.slice(0, 64),
      });
      await send('ambiguous', () => client.send(command), 1);
      return 'done' as const;
    }),

    findBonus: call('read_only', async (_order, _placement, act) => {
      const command = new ListBonusPaymentsCommand({ AssignmentId: act.responseId, MaxResults: PAGE });
      const { BonusPayments = [] } = await send('retryable', () => client.send(command));
      const alike = BonusPayments.filter(
        ({ BonusAmount }) => Number(BonusAmount) === Number(dollars(act.amountMicros)),
      );
      // One as large for another reason may be somebody else's, and one for the same reason another's of this answer.
      const same = alike.filter(({ Reason }) => Reason === undefined || Reason === act.reason);
      if (same.length > act.others) return true;
      return alike.length > 0 ? undefined : false;
    }),

    parseWebhook() {
      throw new VendorError('permanent', 'MTurk sends no webhooks to a URL; it is polled.');
    },
  };
}

/** The fee in percent of the reward; a cent at least. On a bonus it is 20, however many answers there are. */
const feePercent = (answers: number): bigint => (answers >= 10 ? 40n : 20n);

/** How long a HIT is listed: as long as its answers are waited for, a week where nobody says. */
function lifetimeS({ waitMs = 7 * DAY_S * 1000 }: Order): number {
  return Math.min(MOST_S, Math.max(LEAST_S, Math.ceil(waitMs / 1000)));
}

/** What of a price is the worker's. Whole cents. */
export function rewardMicros(priceMicros: bigint, answers: number): bigint {
  const byShare = (priceMicros * 100n) / (100n + feePercent(answers));
  const byCent = priceMicros - CENT;
  const reward = byShare < byCent ? byShare : byCent;
  return reward < 0n ? 0n : (reward / CENT) * CENT;
}

/** What an answer to a HIT costs: the reward that MTurk has for it, and the fee on that; nothing where it has none. */
function costOf(hit: HIT | undefined, answers: number): Pick<VendorResponse, 'costMicros' | 'feeMicros'> {
  if (!/^\d{1,6}(\.\d{1,2})?$/.test(hit?.Reward ?? '')) return {};
  const reward = BigInt(Math.round(Number(hit?.Reward) * 100)) * CENT;
  const costMicros = withFee(reward, hit?.MaxAssignments ?? answers);
  return { costMicros, feeMicros: costMicros - reward };
}

const withFee = (reward: bigint, answers: number): bigint =>
  reward + atLeastACent((reward * feePercent(answers)) / 100n);

const atLeastACent = (fee: bigint): bigint => (fee > CENT ? fee : CENT);

/** "0.45": dollars with two decimals. */
function dollars(micros: bigint): string {
  const cents = micros / CENT;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
}

const REVIEWS: Readonly<Record<string, Review>> = { Approved: 'accepted', Rejected: 'rejected' };

function readAssignment(assignment: Assignment, questions: readonly FormQuestion[]): VendorResponse {
  const { AssignmentId = '', WorkerId = '', Answer = '', AcceptTime, SubmitTime, AssignmentStatus } = assignment;
  const seconds = AcceptTime && SubmitTime ? (SubmitTime.getTime() - AcceptTime.getTime()) / 1000 : undefined;
  const answers: FormAnswers = answersOfXml(Answer, questions);
  const timed = seconds === undefined || seconds < 0 ? {} : { timeSpentS: seconds };
  const review = REVIEWS[AssignmentStatus ?? ''] ?? 'open';
  return { id: AssignmentId, workerId: WorkerId, answers, review, ...timed };
}

/** Our key of a HIT. */
function keyOf({ RequesterAnnotation = '' }: HIT): string | undefined {
  return textOf(objectOf(jsonFrom(RequesterAnnotation)).k);
}

const NONE = { HIT: undefined };
