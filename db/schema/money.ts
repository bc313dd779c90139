import { sql } from 'drizzle-orm';
import { bigint, check, date, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { ACCOUNTS, accountSql, LEDGER_KINDS, PAYEES } from '../../domain/books/accounts.ts';
import { campaigns } from './campaigns.ts';
import { createdAt, id, micros, moment, oneOf } from './columns.ts';
import { payAdjustments, payoutItems } from './payouts.ts';
import { AUTHORIZATION_STATES, CAP_SCOPES, LIMIT_SCOPES, REACHED_BY } from './states.ts';
import { vendorOrders } from './vendors.ts';

/** One row a campaign: the running balance that the ledger must add up to. */
export const budgets = pgTable(
  'budgets',
  {
    campaignId: uuid('campaign_id')
      .primaryKey()
      .references(() => campaigns.id),
    capMicros: micros('cap_micros').notNull(),
    reservedMicros: micros('reserved_micros').notNull().default(sql`0`),
    spentMicros: micros('spent_micros').notNull().default(sql`0`),
    /** The most that may be newly reserved and spent in a day (UTC), less what is freed of it; null: no pace. */
    paceMicros: micros('pace_micros'),
    /** The day of the newest reservation, and what it has newly reserved and spent, less what was freed of that. */
    paceDay: date('pace_day'),
    paceUsedMicros: micros('pace_used_micros').notNull().default(sql`0`),
  },
  (t) => [
    check('budgets_pace', sql`${t.paceMicros} >= 0`),
    check('budgets_pace_used', sql`${t.paceUsedMicros} >= 0`),
    check('budgets_not_negative', sql`${t.reservedMicros} >= 0 and ${t.spentMicros} >= 0`),
    check('budgets_within_cap', sql`${t.reservedMicros} + ${t.spentMicros} <= ${t.capMicros}`),
  ],
);

/** Money set aside: for one task, or (without a task) for a campaign's gold answers. */
export const authorizations = pgTable(
  'authorizations',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    taskId: uuid('task_id'),
    /** Where the task is offered, so that a workforce can have a cap of its own. */
    workforce: text('workforce'),
    /** The part that pays for asking the same again elsewhere, in case the first is slow. */
    hedgeMicros: micros('hedge_micros').notNull().default(sql`0`),
    state: text('state', { enum: AUTHORIZATION_STATES }).notNull().default('open'),
    amountMicros: micros('amount_micros').notNull(),
    committedMicros: micros('committed_micros').notNull().default(sql`0`),
    releasedMicros: micros('released_micros').notNull().default(sql`0`),
    /** Promised to leases of gold tasks that have not been answered yet. */
    heldMicros: micros('held_micros').notNull().default(sql`0`),
    /** When nothing was heard of the task by then, the sweep releases what is left. */
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('authorizations_task').on(t.taskId).where(sql`${t.taskId} is not null`),
    uniqueIndex('authorizations_gold').on(t.campaignId).where(sql`${t.taskId} is null`),
    index('authorizations_expiry').on(t.expiresAt).where(sql`${t.state} = 'open'`),
    check('authorizations_state', sql`${t.state} in (${oneOf(AUTHORIZATION_STATES)})`),
    check(
      'authorizations_amounts',
      sql`${t.committedMicros} >= 0 and ${t.releasedMicros} >= 0 and ${t.heldMicros} >= 0
        and ${t.committedMicros} + ${t.releasedMicros} + ${t.heldMicros} <= ${t.amountMicros}`,
    ),
    check(
      'authorizations_closed',
      sql`${t.state} = 'open' or ${t.committedMicros} + ${t.releasedMicros} = ${t.amountMicros}`,
    ),
  ],
);

/**
 * Further caps: of an organisation, of a campaign's workforce, of a campaign's hedges. What is drawn on them is kept
 * by triggers on the rows it adds up, in the same transaction, so that the constraint here holds whoever books.
 */
export const budgetLimits = pgTable(
  'budget_limits',
  {
    id: id(),
    scope: text('scope', { enum: LIMIT_SCOPES }).notNull(),
    /** Null for an organisation's. */
    campaignId: uuid('campaign_id').references(() => campaigns.id),
    /** The organisation's id or the workforce; empty for hedges. */
    name: text('name').notNull().default(''),
    capMicros: micros('cap_micros').notNull(),
    drawnMicros: micros('drawn_micros').notNull(),
  },
  (t) => [
    uniqueIndex('budget_limits_place').on(t.scope, sql`coalesce(${t.campaignId}::text, '')`, t.name),
    index('budget_limits_campaign').on(t.campaignId),
    check('budget_limits_scope', sql`${t.scope} in (${oneOf(LIMIT_SCOPES)})`),
    check('budget_limits_place', sql`(${t.scope} = 'organisation') = (${t.campaignId} is null)`),
    check('budget_limits_within_cap', sql`${t.drawnMicros} between 0 and ${t.capMicros}`),
  ],
);

/** When a share of a cap was first spent, or spent and reserved together (`committed`). */
export const budgetWarnings = pgTable(
  'budget_warnings',
  {
    /** Null for an organisation's cap. */
    campaignId: uuid('campaign_id').references(() => campaigns.id),
    scope: text('scope', { enum: CAP_SCOPES }).notNull().default('campaign'),
    /** As of `budget_limits`: the organisation's id or the workforce; else empty. */
    name: text('name').notNull().default(''),
    reachedBy: text('reached_by', { enum: REACHED_BY }).notNull().default('spent'),
    percent: integer('percent').notNull(),
    capMicros: micros('cap_micros').notNull(),
    /** What was spent then, or spent and reserved. */
    reachedMicros: micros('spent_micros').notNull(),
    at: moment('at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('budget_warnings_once').on(
      sql`coalesce(${t.campaignId}::text, '')`,
      t.scope,
      t.name,
      t.reachedBy,
      t.capMicros,
      t.percent,
    ),
    check('budget_warnings_scope', sql`${t.scope} in (${oneOf(CAP_SCOPES)})`),
    check('budget_warnings_reached_by', sql`${t.reachedBy} in (${oneOf(REACHED_BY)})`),
    check('budget_warnings_place', sql`(${t.scope} = 'organisation') = (${t.campaignId} is null)`),
  ],
);

/**
 * Append-only (a trigger refuses updates and deletes), double-entry: each row moves its amount, which is above zero, from
 * one account to another; kind and payee say which. A row of a closed period is dated when it comes (a trigger too).
 */
export const ledger = pgTable(
  'ledger',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    kind: text('kind', { enum: LEDGER_KINDS }).notNull(),
    /** Whom the money is for, by the kind of annotator. */
    payee: text('payee', { enum: PAYEES }).notNull().default('annotator'),
    fromAccount: text('from_account', { enum: ACCOUNTS })
      .notNull()
      .generatedAlwaysAs(sql.raw(accountSql('from'))),
    toAccount: text('to_account', { enum: ACCOUNTS })
      .notNull()
      .generatedAlwaysAs(sql.raw(accountSql('to'))),
    amountMicros: micros('amount_micros').notNull(),
    /** The cause, in words a machine can match; unique, so nothing is booked twice. */
    key: text('key').notNull(),
    authorizationId: uuid('authorization_id').references(() => authorizations.id),
    annotationId: uuid('annotation_id'),
    annotatorId: uuid('annotator_id'),
    /** The purchase from a vendor that it came of; null where nothing was bought. */
    orderId: uuid('order_id').references(() => vendorOrders.id),
    /** The reviewed act behind a bonus or a deduction. */
    adjustmentId: uuid('adjustment_id').references(() => payAdjustments.id),
    /** The line of a payout run behind a payout, or behind one that failed. */
    payoutItemId: uuid('payout_item_id').references(() => payoutItems.id),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('ledger_key').on(t.key),
    index('ledger_campaign').on(t.campaignId, t.kind),
    index('ledger_annotator').on(t.annotatorId).where(sql`${t.annotatorId} is not null`),
    index('ledger_authorization').on(t.authorizationId).where(sql`${t.authorizationId} is not null`),
    index('ledger_order').on(t.orderId).where(sql`${t.orderId} is not null`),
    index('ledger_unanswered').on(t.campaignId).where(sql`${t.kind} = 'spend' and ${t.annotationId} is null`),
    index('ledger_payout').on(t.payoutItemId).where(sql`${t.payoutItemId} is not null`),
    check('ledger_kind', sql`${t.kind} in (${oneOf(LEDGER_KINDS)})`),
    check('ledger_amount', sql`${t.amountMicros} > 0`),
    index('ledger_created').using('brin', t.createdAt),
    check('ledger_payee', sql`${t.payee} in (${oneOf(PAYEES)})`),
    // A judge costs something where it gives no answer, too, and a vendor where what came is no label and is paid all the same. A
    // campaign's own questions to a model are nobody's answers.
    check(
      'ledger_spend_cause',
      sql`${t.kind} <> 'spend' or ${t.annotationId} is not null or (${t.payee} in ('judge', 'vendor') and ${t.annotatorId} is not null)
        or (${t.payee} = 'judge' and ${t.authorizationId} is not null)`,
    ),
    check(
      'ledger_cause',
      sql`${t.authorizationId} is not null or ${t.annotationId} is not null or ${t.adjustmentId} is not null
        or ${t.payoutItemId} is not null`,
    ),
    check(
      'ledger_adjustment_cause',
      sql`(${t.kind} in ('bonus', 'deduction')) <= (${t.adjustmentId} is not null and ${t.annotatorId} is not null)`,
    ),
    check('ledger_payout_cause', sql`(${t.kind} in ('payout', 'payout_failed')) = (${t.payoutItemId} is not null)`),
  ],
);

/** Months of the books that are closed: no entry is dated in them any more. */
export const ledgerClosings = pgTable(
  'ledger_closings',
  {
    /** Such as "2026-11". */
    period: text('period').primaryKey(),
    endsAt: moment('ends_at').notNull(),
    closedBy: text('closed_by').notNull(),
    closedAt: moment('closed_at').notNull().default(sql`now()`),
    /** Entries of the period; this and what follows is null between the closing and the count. */
    entries: integer('entries'),
    /** By account, micro-dollars as strings: what all entries up to the period's end add up to. */
    balances: jsonb('balances'),
    /** SHA-256 over the closing before and every entry of the period: a changed entry is found out. */
    digest: text('digest'),
  },
  (t) => [
    uniqueIndex('ledger_closings_ends').on(t.endsAt),
    check('ledger_closings_counted', sql`(${t.digest} is null) = (${t.entries} is null and ${t.balances} is null)`),
  ],
);
