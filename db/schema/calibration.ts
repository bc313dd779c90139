import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { campaigns } from './campaigns.ts';
import { id, moment, oneOf } from './columns.ts';
import { items } from './items.ts';
import { CALIBRATION_PARTS, CALIBRATION_REASONS, CALIBRATION_STATES } from './states.ts';

/** Sessions of worked examples and a test: how an annotator in doubt, or a new one, shows that they can do the task. */
export const calibrationSessions = pgTable(
  'calibration_sessions',
  {
    id: id(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    taskType: text('task_type').notNull(),
    reason: text('reason', { enum: CALIBRATION_REASONS }).notNull(),
    state: text('state', { enum: CALIBRATION_STATES }).notNull().default('open'),
    questions: smallint('questions').notNull(),
    /** Right answers needed, as the rules were when it began. */
    needed: smallint('needed').notNull(),
    startedAt: moment('started_at').notNull().default(sql`now()`),
    endedAt: moment('ended_at'),
  },
  (t) => [
    // One at a time in a campaign: a second tab goes on with the same one.
    uniqueIndex('calibration_sessions_open').on(t.annotatorId, t.campaignId).where(sql`${t.state} = 'open'`),
    index('calibration_sessions_annotator').on(t.annotatorId, t.campaignId, t.startedAt),
    check('calibration_sessions_state', sql`${t.state} in (${oneOf(CALIBRATION_STATES)})`),
    check('calibration_sessions_reason', sql`${t.reason} in (${oneOf(CALIBRATION_REASONS)})`),
    check('calibration_sessions_needed', sql`${t.needed} between 1 and ${t.questions}`),
    check('calibration_sessions_ended', sql`(${t.state} = 'open') = (${t.endedAt} is null)`),
  ],
);

/** What a session shows, in its order. Its golds are known to this annotator from then on, and never drawn for them. */
export const calibrationItems = pgTable(
  'calibration_items',
  {
    sessionId: uuid('session_id').notNull(),
    part: text('part', { enum: CALIBRATION_PARTS }).notNull(),
    /** From 1, in each part. */
    number: smallint('number').notNull(),
    annotatorId: uuid('annotator_id').notNull(),
    itemId: uuid('item_id')
      .notNull()
      .references(() => items.id),
    /** The known answer as it was when the session began. */
    known: jsonb('known').notNull(),
    label: jsonb('label'),
    correct: boolean('correct'),
    timeSpentS: doublePrecision('time_spent_s'),
    answeredAt: moment('answered_at'),
  },
  (t) => [
    primaryKey({ columns: [t.sessionId, t.part, t.number] }),
    uniqueIndex('calibration_items_annotator').on(t.annotatorId, t.itemId),
    foreignKey({ columns: [t.sessionId], foreignColumns: [calibrationSessions.id] }),
    check('calibration_items_part', sql`${t.part} in (${oneOf(CALIBRATION_PARTS)})`),
    check(
      'calibration_items_answered',
      sql`(${t.label} is null) = (${t.answeredAt} is null) and (${t.label} is null) = (${t.correct} is null)`,
    ),
    check('calibration_items_examples', sql`${t.part} = 'question' or ${t.label} is null`),
  ],
);
