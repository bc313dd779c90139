import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { campaigns } from './campaigns.ts';
import { createdAt, id, micros, moment, oneOf } from './columns.ts';
import { AUTHORIZATION_STATES, LEDGER_KINDS } from './states.ts';

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
  },
  (t) => [
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

/** Append-only (a trigger refuses updates and deletes). Amounts are positive; the kind gives the direction. */
export const ledger = pgTable(
  'ledger',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    kind: text('kind', { enum: LEDGER_KINDS }).notNull(),
    amountMicros: micros('amount_micros').notNull(),
    /** The cause, in words a machine can match; unique, so nothing is booked twice. */
    key: text('key').notNull(),
    authorizationId: uuid('authorization_id').references(() => authorizations.id),
    annotationId: uuid('annotation_id'),
    annotatorId: uuid('annotator_id'),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('ledger_key').on(t.key),
    index('ledger_campaign').on(t.campaignId, t.kind),
    index('ledger_annotator').on(t.annotatorId).where(sql`${t.annotatorId} is not null`),
    check('ledger_kind', sql`${t.kind} in (${oneOf(LEDGER_KINDS)})`),
    check('ledger_amount', sql`${t.amountMicros} > 0`),
    check('ledger_spend_cause', sql`${t.kind} <> 'spend' or ${t.annotationId} is not null`),
  ],
);
