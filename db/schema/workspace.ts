import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { createdAt, id, moment } from './columns.ts';
import { assignments } from './tasks.ts';

/** An answer in the making, as the page wants it back; kept when the lease ends, for whoever wrote it. */
export const assignmentDrafts = pgTable(
  'assignment_drafts',
  {
    assignmentId: uuid('assignment_id')
      .primaryKey()
      .references(() => assignments.id),
    content: jsonb('content').notNull(),
    updatedAt: moment('updated_at').notNull(),
  },
  (t) => [index('assignment_drafts_age').on(t.updatedAt)],
);

/** What annotators say is wrong with a task. */
export const taskReports = pgTable(
  'task_reports',
  {
    id: id(),
    assignmentId: uuid('assignment_id')
      .notNull()
      .references(() => assignments.id),
    taskId: uuid('task_id').notNull(),
    campaignId: uuid('campaign_id').notNull(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    reason: text('reason').notNull(),
    createdAt: createdAt(),
    /** When somebody had seen to it, and who: a key's id; null before. */
    doneAt: moment('done_at'),
    doneBy: text('done_by'),
  },
  (t) => [
    uniqueIndex('task_reports_assignment').on(t.assignmentId),
    index('task_reports_campaign').on(t.campaignId, t.id),
    index('task_reports_open').on(t.id).where(sql`${t.doneAt} is null`),
  ],
);
