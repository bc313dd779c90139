import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { INCIDENT_RULINGS } from '../../domain/vendors/incidents.ts';
import { annotators } from './annotators.ts';
import { campaigns } from './campaigns.ts';
import { createdAt, id, micros, moment, oneOf } from './columns.ts';
import { organisationId } from './organisations.ts';
import { ORDER_STATES, RESPONSE_STATES, UNIT_STATES } from './states.ts';
import { annotations, tasks } from './tasks.ts';

/** Purchases. The row is there before the vendor hears anything; its key is the same at every attempt. */
export const vendorOrders = pgTable(
  'vendor_orders',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    vendor: text('vendor').notNull(),
    /** What the vendor knows the order by. */
    key: text('key').notNull(),
    state: text('state', { enum: ORDER_STATES }).notNull().default('intent'),
    policyVersion: integer('policy_version').notNull(),
    /** What one answer may cost, fees included. */
    priceMicros: micros('price_micros').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Of what was sent at the first attempt; another one under the same key is refused. */
    payloadHash: text('payload_hash'),
    /** The vendor's own ids: `{externalId, units}`. */
    placement: jsonb('placement'),
    lastError: text('last_error'),
    /** What the whole order was estimated to cost before it was sent, and where that figure comes from. */
    estimateMicros: micros('estimate_micros'),
    estimateBasis: text('estimate_basis'),
    /** No more answers are waited for after this. */
    deadlineAt: moment('deadline_at').notNull(),
    submittedAt: moment('submitted_at'),
    closedAt: moment('closed_at'),
    /** Of one that is closed: when its vendor is asked once more what was amended or came late; null: no more. */
    nextLookAt: moment('next_look_at'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('vendor_orders_key').on(t.key),
    index('vendor_orders_looks').on(t.nextLookAt).where(sql`${t.nextLookAt} is not null`),
    index('vendor_orders_campaign').on(t.campaignId, t.createdAt),
    index('vendor_orders_external')
      .on(t.vendor, sql`(${t.placement} ->> 'externalId')`)
      .where(sql`${t.placement} is not null`),
    index('vendor_orders_closed').on(t.vendor, t.closedAt).where(sql`${t.state} = 'closed'`),
    index('vendor_orders_open').on(t.vendor).where(sql`${t.state} in ('intent', 'submitting', 'placed')`),
    check('vendor_orders_state', sql`${t.state} in (${oneOf(ORDER_STATES)})`),
    check('vendor_orders_placed', sql`${t.state} <> 'placed' or ${t.placement} is not null`),
  ],
);

/** A task, or as many answers of it as are still wanted, at a vendor. */
export const vendorUnits = pgTable(
  'vendor_units',
  {
    id: id(),
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id),
    campaignId: uuid('campaign_id').notNull(),
    vendor: text('vendor').notNull(),
    /** Raised for each deliberate further purchase for the same task, never by a retry. */
    generation: smallint('generation').notNull(),
    answers: smallint('answers').notNull(),
    state: text('state', { enum: UNIT_STATES }).notNull().default('waiting'),
    cancelWanted: boolean('cancel_wanted').notNull().default(false),
    cancelSentAt: moment('cancel_sent_at'),
    /** Since when the next workforce is asked for the same answers, too. */
    hedgedAt: moment('hedged_at'),
    /** Answers that may count beyond the task's slots; each is reserved, and draws on the cap for hedges. */
    hedgeAnswers: smallint('hedge_answers').notNull().default(0),
    /** Of those, how many came. */
    hedgeUsed: smallint('hedge_used').notNull().default(0),
    /** Of a gold: what its answers still to come may cost, held from the campaign's gold money; given back when it ends. */
    goldHeldMicros: micros('gold_held_micros').notNull().default(sql`0`),
    orderId: uuid('order_id').references(() => vendorOrders.id),
    createdAt: createdAt(),
    closedAt: moment('closed_at'),
  },
  (t) => [
    uniqueIndex('vendor_units_purchase').on(t.taskId, t.vendor, t.generation),
    index('vendor_units_waiting').on(t.campaignId, t.vendor, t.createdAt).where(sql`${t.state} = 'waiting'`),
    index('vendor_units_order').on(t.orderId),
    check('vendor_units_state', sql`${t.state} in (${oneOf(UNIT_STATES)})`),
    check('vendor_units_answers', sql`${t.answers} between 1 and 100`),
    check('vendor_units_gold', sql`${t.goldHeldMicros} >= 0 and (${t.goldHeldMicros} = 0 or ${t.state} = 'ordered')`),
    check('vendor_units_hedge', sql`${t.hedgeUsed} between 0 and ${t.hedgeAnswers}`),
    check('vendor_units_ordered', sql`${t.state} not in ('ordered', 'complete') or ${t.orderId} is not null`),
  ],
);

/** What a vendor's workers answered, every version of it, counted or not. */
export const vendorResponses = pgTable(
  'vendor_responses',
  {
    id: id(),
    unitId: uuid('unit_id')
      .notNull()
      .references(() => vendorUnits.id),
    /** The vendor's id of the answer. */
    responseKey: text('response_key').notNull(),
    version: integer('version').notNull().default(1),
    workerId: text('worker_id').notNull(),
    state: text('state', { enum: RESPONSE_STATES }).notNull(),
    answers: jsonb('answers').notNull(),
    hash: text('hash').notNull(),
    timeSpentS: integer('time_spent_s'),
    /** What the vendor says it costs. */
    costMicros: micros('cost_micros'),
    annotationId: uuid('annotation_id').references(() => annotations.id),
    /** When the vendor was told that the answer is accepted, or rejected. */
    settledAt: moment('settled_at'),
    /** What a person wants the vendor told of an answer that was not taken in, and why. */
    ruling: text('ruling', { enum: ['accept', 'reject'] }),
    rulingReason: text('ruling_reason'),
    /** From when on the vendor is told to reject it; until then another ruling can have it paid. Null: no rejection waits. */
    rejectAt: moment('reject_at'),
    createdAt: createdAt(),
  },
  (t) => [
    // One ingestion of each answer, whatever is fetched or announced again.
    uniqueIndex('vendor_responses_version').on(t.unitId, t.responseKey, t.version),
    uniqueIndex('vendor_responses_annotation').on(t.annotationId).where(sql`${t.annotationId} is not null`),
    check('vendor_responses_state', sql`${t.state} in (${oneOf(RESPONSE_STATES)})`),
    check(
      'vendor_responses_reject_at',
      sql`${t.rejectAt} is null or (${t.ruling} is not null and ${t.ruling} = 'reject')`,
    ),
    check(
      'vendor_responses_ruling',
      sql`${t.ruling} is null or (${t.ruling} in ('accept', 'reject') and ${t.rulingReason} is not null)`,
    ),
  ],
);

/** A vendor's workers as annotators, of each organisation its own. */
export const vendorWorkers = pgTable(
  'vendor_workers',
  {
    organisationId: organisationId(),
    vendor: text('vendor').notNull(),
    workerId: text('worker_id').notNull(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.vendor, t.workerId] }),
    uniqueIndex('vendor_workers_annotator').on(t.annotatorId),
  ],
);

/** Payments beyond the price: the row is written before the one attempt. */
export const vendorBonuses = pgTable(
  'vendor_bonuses',
  {
    id: id(),
    responseId: uuid('response_id')
      .notNull()
      .references(() => vendorResponses.id),
    key: text('key').notNull(),
    amountMicros: micros('amount_micros').notNull(),
    /** What the vendor charges on top of it; null before it is first sent, and where it was not booked yet. */
    feeMicros: micros('fee_micros'),
    reason: text('reason').notNull(),
    state: text('state', { enum: ['intent', 'sending', 'paid', 'refused', 'ambiguous'] })
      .notNull()
      .default('intent'),
    detail: text('detail'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('vendor_bonuses_key').on(t.key),
    check('vendor_bonuses_state', sql`${t.state} in ('intent', 'sending', 'paid', 'refused', 'ambiguous')`),
    check('vendor_bonuses_amount', sql`${t.amountMicros} > 0`),
    check('vendor_bonuses_fee', sql`${t.feeMicros} >= 0`),
  ],
);

/** What a person has to look at, with the evidence. */
export const vendorIncidents = pgTable(
  'vendor_incidents',
  {
    id: id(),
    orderId: uuid('order_id')
      .notNull()
      .references(() => vendorOrders.id),
    kind: text('kind').notNull(),
    /** Makes reporting it again harmless. */
    key: text('key').notNull(),
    detail: text('detail').notNull(),
    evidence: jsonb('evidence').notNull(),
    createdAt: createdAt(),
    resolvedAt: moment('resolved_at'),
    /** Who resolved it (a key's id), how, and how they know; null where the cause of it did. */
    resolvedBy: text('resolved_by'),
    ruling: text('ruling', { enum: INCIDENT_RULINGS }),
    note: text('note'),
  },
  (t) => [
    uniqueIndex('vendor_incidents_key').on(t.key),
    index('vendor_incidents_order').on(t.orderId),
    check('vendor_incidents_ruling', sql`${t.ruling} in (${oneOf(INCIDENT_RULINGS)})`),
    check(
      'vendor_incidents_resolved',
      sql`${t.ruling} is null or (${t.resolvedAt} is not null and ${t.resolvedBy} is not null)`,
    ),
  ],
);

/** Webhooks that were believed, to drop repeats. */
export const vendorWebhooks = pgTable(
  'vendor_webhooks',
  {
    vendor: text('vendor').notNull(),
    eventKey: text('event_key').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.vendor, t.eventKey] }), index('vendor_webhooks_age').on(t.createdAt)],
);

/** The circuit breaker of each vendor. */
export const vendorHealth = pgTable('vendor_health', {
  vendor: text('vendor').primaryKey(),
  failures: integer('failures').notNull().default(0),
  /** No call is made before this. */
  openUntil: moment('open_until'),
  lastError: text('last_error'),
  updatedAt: moment('updated_at').notNull().default(sql`now()`),
});

/** Answers of language models that were paid for, by the hash of all that was asked. `said` is null for a refusal. */
export const judgeAnswers = pgTable(
  'judge_answers',
  {
    hash: text('hash').primaryKey(),
    model: text('model').notNull(),
    /** The version of the model that answered, as the endpoint names it; null in answers from before it was kept. */
    answeredBy: text('answered_by'),
    promptVersion: text('prompt_version').notNull(),
    said: jsonb('said'),
    inputTokens: integer('input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    costMicros: micros('cost_micros').notNull(),
    /** The unit that it was asked for, and that pays for it; null in answers from before it was kept. */
    paidBy: text('paid_by'),
    createdAt: createdAt(),
  },
  (t) => [
    index('judge_answers_newest').on(t.model, t.createdAt.desc()),
    check('judge_answers_cost', sql`${t.costMicros} >= 0`),
  ],
);

/** What each model has cost where it is asked, calls under way at the most they can cost: what its cap is compared with. */
export const judgeSpending = pgTable(
  'judge_spending',
  {
    model: text('model').notNull(),
    /** Empty for what was spent before it was kept: that counts wherever the model is asked. */
    address: text('address').notNull().default(''),
    /** The version that answered last: another name of it has no cap of its own. */
    answeredBy: text('answered_by'),
    spentMicros: micros('spent_micros').notNull(),
  },
  (t) => [primaryKey({ columns: [t.model, t.address] })],
);
