import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, jsonb, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, moment, oneOf } from './columns.ts';
import { OUTBOX_KINDS } from './states.ts';

/** Messages to workflows, written in the transaction that causes them; the relay delivers each at least once. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind', { enum: OUTBOX_KINDS }).notNull(),
    /** The task, campaign or annotator the message is for; messages of one target are delivered in order. */
    targetId: text('target_id').notNull(),
    message: text('message').notNull(),
    payload: jsonb('payload').notNull(),
    attempts: integer('attempts').notNull().default(0),
    /** Not before: a failed delivery waits here. */
    dueAt: moment('due_at').notNull().default(sql`now()`),
    lastError: text('last_error'),
    createdAt: createdAt(),
  },
  (t) => [
    check('outbox_kind', sql`${t.kind} in (${oneOf(OUTBOX_KINDS)})`),
    index('outbox_due').on(t.dueAt, t.id),
    index('outbox_clock').on(t.targetId).where(sql`kind = 'signal_task' and message in ('paused', 'resumed')`),
  ],
);

/** Answers of writes that carried an `Idempotency-Key`, replayed when the same request comes again. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    principal: text('principal').notNull(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    /** Null while the first request is still under way. */
    status: smallint('status'),
    response: jsonb('response'),
    /** The id of what the request makes: whoever carries it out once more makes that same thing, not another one. */
    madeId: uuid('made_id'),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.principal, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
);
