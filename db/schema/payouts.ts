import { sql } from 'drizzle-orm';
import { boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { REPORT_STATUSES } from '../../domain/payouts/reconcile.ts';
import { annotators } from './annotators.ts';
import { campaigns } from './campaigns.ts';
import { createdAt, id, micros, moment, oneOf } from './columns.ts';
import { organisationId, organisations } from './organisations.ts';
import { ADJUSTMENT_KINDS, ADJUSTMENT_STATES, PAYOUT_ACTS, PAYOUT_ITEM_STATES, PAYOUT_RUN_STATES } from './states.ts';
import { vendorResponses } from './vendors.ts';

/** Where an annotator's pay goes. Shown to them and put into the bank's file, and nowhere else. */
export const payoutAccounts = pgTable('payout_accounts', {
  annotatorId: uuid('annotator_id')
    .primaryKey()
    .references(() => annotators.id),
  holder: text('holder').notNull(),
  account: text('account').notNull(),
  bic: text('bic'),
  updatedAt: moment('updated_at').notNull().default(sql`now()`),
});

/** What that was, change by change: append-only, so that a payment can be held against where its annotator wanted it then. */
export const payoutAccountChanges = pgTable(
  'payout_account_changes',
  {
    id: id(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    holder: text('holder').notNull(),
    account: text('account').notNull(),
    bic: text('bic'),
    region: text('region'),
    /** Who said it for them; null where it was the annotator. */
    setBy: text('set_by'),
    /** Whether they said the region too, which else stayed as it was. */
    regionSaid: boolean('region_said').notNull().default(true),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [index('payout_account_changes_annotator').on(t.annotatorId, t.id)],
);

/** Least pay for a focused hour, by region of the annotator; an empty region is every other one. */
export const payFloors = pgTable(
  'pay_floors',
  {
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisations.id),
    /** ISO 3166-1 alpha-2, or empty. */
    region: text('region').notNull(),
    hourlyMicros: micros('hourly_micros').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.region] }),
    check('pay_floors_region', sql`${t.region} ~ '^([A-Z]{2})?$'`),
    check('pay_floors_hourly', sql`${t.hourlyMicros} > 0`),
  ],
);

/** When a campaign's pay was first found below a floor, once for each price and floor. */
export const payNotices = pgTable(
  'pay_notices',
  {
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    region: text('region').notNull(),
    floorMicros: micros('floor_micros').notNull(),
    /** Of an answer, as it was set. */
    priceMicros: micros('price_micros').notNull(),
    /** What a focused hour came to at the measured speed, and the price at which it would come to the floor. */
    hourlyMicros: micros('hourly_micros').notNull(),
    rightPriceMicros: micros('right_price_micros').notNull(),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.region, t.floorMicros, t.priceMicros] })],
);

/** Bonuses, and deductions, which a second person has reviewed after the annotator could say something. */
export const payAdjustments = pgTable(
  'pay_adjustments',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    /** The answer it is about; a deduction always is about one. */
    annotationId: uuid('annotation_id'),
    /** In place of it, an answer of a vendor that did not count. */
    responseId: uuid('response_id').references(() => vendorResponses.id),
    kind: text('kind', { enum: ADJUSTMENT_KINDS }).notNull(),
    amountMicros: micros('amount_micros').notNull(),
    reason: text('reason').notNull(),
    state: text('state', { enum: ADJUSTMENT_STATES }).notNull(),
    proposedBy: text('proposed_by').notNull(),
    createdAt: createdAt(),
    /** Until then the annotator may say why not, and nothing is taken; null for a bonus. */
    disputableUntil: moment('disputable_until'),
    statement: text('statement'),
    disputedAt: moment('disputed_at'),
    reviewedBy: text('reviewed_by'),
    reviewedAt: moment('reviewed_at'),
    note: text('note'),
  },
  (t) => [
    index('pay_adjustments_annotator').on(t.annotatorId, t.id),
    index('pay_adjustments_campaign').on(t.campaignId, t.id),
    uniqueIndex('pay_adjustments_answer')
      .on(t.annotationId)
      .where(sql`${t.kind} = 'deduction' and ${t.state} <> 'dismissed'`),
    uniqueIndex('pay_adjustments_response')
      .on(t.responseId)
      .where(sql`${t.kind} = 'deduction' and ${t.state} <> 'dismissed'`),
    check('pay_adjustments_kind', sql`${t.kind} in (${oneOf(ADJUSTMENT_KINDS)})`),
    check('pay_adjustments_state', sql`${t.state} in (${oneOf(ADJUSTMENT_STATES)})`),
    check('pay_adjustments_amount', sql`${t.amountMicros} > 0`),
    check(
      'pay_adjustments_deduction',
      sql`${t.kind} = 'bonus' or (coalesce(${t.annotationId}, ${t.responseId}) is not null and ${t.disputableUntil} is not null)`,
    ),
    // Nobody takes money on their own word, nor before the annotator had their say.
    check(
      'pay_adjustments_reviewed',
      sql`${t.kind} = 'bonus' or ${t.state} <> 'applied' or (${t.reviewedBy} is not null and ${t.reviewedBy} <> ${t.proposedBy}
        and ${t.note} is not null and (${t.reviewedAt} >= ${t.disputableUntil} or ${t.disputedAt} is not null))`,
    ),
    check('pay_adjustments_disputed', sql`(${t.statement} is null) = (${t.disputedAt} is null)`),
  ],
);

/** One run a month and organisation: collects, freezes, exports, is reconciled. */
export const payoutRuns = pgTable(
  'payout_runs',
  {
    id: id(),
    organisationId: organisationId(),
    /** Such as "2026-11". */
    period: text('period').notNull(),
    endsAt: moment('ends_at').notNull(),
    state: text('state', { enum: PAYOUT_RUN_STATES }).notNull().default('collecting'),
    leastMicros: micros('least_micros').notNull(),
    /** The person: a member, or a key that nobody made. */
    startedBy: text('started_by').notNull(),
    createdAt: createdAt(),
    frozenAt: moment('frozen_at'),
    approvedBy: text('approved_by'),
    /** Whether two or more people could have approved it then. */
    fourEyes: boolean('four_eyes').notNull().default(false),
    exportedAt: moment('exported_at'),
    /** SHA-256 of the bank's file as it was exported. */
    digest: text('digest'),
    closedAt: moment('closed_at'),
    note: text('note'),
    /** Recipients who have not said where their pay goes, and what they are owed: left for the next run. */
    withoutAccount: integer('without_account').notNull().default(0),
    withoutAccountMicros: micros('without_account_micros').notNull().default(sql`0`),
  },
  (t) => [
    uniqueIndex('payout_runs_period').on(t.organisationId, t.period).where(sql`${t.state} <> 'cancelled'`),
    index('payout_runs_organisation').on(t.organisationId, t.id),
    // Nobody lets money go on their own word where there is a second person.
    check('payout_runs_four_eyes', sql`not ${t.fourEyes} or ${t.approvedBy} is distinct from ${t.startedBy}`),
    check('payout_runs_state', sql`${t.state} in (${oneOf(PAYOUT_RUN_STATES)})`),
    check(
      'payout_runs_exported',
      sql`(${t.state} = 'exported') <= (${t.approvedBy} is not null and ${t.exportedAt} is not null and ${t.digest} is not null)`,
    ),
  ],
);

/** One payment: the intent is stored, and booked, before anything leaves. */
export const payoutItems = pgTable(
  'payout_items',
  {
    id: id(),
    runId: uuid('run_id')
      .notNull()
      .references(() => payoutRuns.id),
    organisationId: organisationId(),
    period: text('period').notNull(),
    /** An annotator's id, or `vendor:NAME`. */
    recipient: text('recipient').notNull(),
    /** `bank`, or the vendor. */
    channel: text('channel').notNull(),
    /** Whether the run settles it by accepting answers at the vendor; else the vendor's invoice is its report. */
    settles: boolean('settles').notNull().default(false),
    annotatorId: uuid('annotator_id').references(() => annotators.id),
    amountMicros: micros('amount_micros').notNull(),
    state: text('state', { enum: PAYOUT_ITEM_STATES }).notNull().default('frozen'),
    reference: text('reference').notNull(),
    /** As they were when the run was frozen. */
    holder: text('holder'),
    account: text('account'),
    bic: text('bic'),
    /** What the provider, or a person, says was paid. */
    reportedMicros: micros('reported_micros'),
    /** The report's last line about it, as it was given: a person's word on it stands when it comes again. */
    lineStatus: text('line_status', { enum: REPORT_STATUSES }),
    lineMicros: micros('line_micros'),
    note: text('note'),
    resolvedBy: text('resolved_by'),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('payout_items_once').on(t.organisationId, t.period, t.recipient).where(sql`${t.state} <> 'cancelled'`),
    uniqueIndex('payout_items_reference').on(t.reference),
    index('payout_items_run').on(t.runId, t.id),
    index('payout_items_annotator').on(t.annotatorId),
    check('payout_items_state', sql`${t.state} in (${oneOf(PAYOUT_ITEM_STATES)})`),
    check('payout_items_amount', sql`${t.amountMicros} > 0 and ${t.amountMicros} % 10000 = 0`),
    check('payout_items_recipient', sql`(${t.channel} = 'bank') = (${t.annotatorId} is not null)`),
    check(
      'payout_items_account',
      sql`${t.channel} <> 'bank' or (${t.holder} is not null and ${t.account} is not null)`,
    ),
    check('payout_items_settles', sql`not ${t.settles} or ${t.channel} <> 'bank'`),
    // What has not arrived of it is booked as failed.
    check(
      'payout_items_paid',
      sql`${t.state} <> 'paid' or (${t.reportedMicros} > 0 and ${t.reportedMicros} <= ${t.amountMicros})`,
    ),
  ],
);

/** What people did to a run, as they were called then. Rows only come. */
export const payoutActs = pgTable(
  'payout_acts',
  {
    id: id(),
    runId: uuid('run_id')
      .notNull()
      .references(() => payoutRuns.id),
    /** The payment it is about; null: all of them. */
    paymentId: uuid('payment_id').references(() => payoutItems.id),
    act: text('act', { enum: PAYOUT_ACTS }).notNull(),
    personId: text('person_id').notNull(),
    name: text('name').notNull(),
    /** Of the API key that they used; null: they were signed in. */
    keyName: text('key_name'),
    note: text('note'),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [
    index('payout_acts_run').on(t.runId, t.id),
    check('payout_acts_act', sql`${t.act} in (${oneOf(PAYOUT_ACTS)})`),
  ],
);
