import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { annotators } from './annotators.ts';
import { createdAt, id, moment, oneOf } from './columns.ts';
import { APPEAL_STATES } from './states.ts';
import { annotations } from './tasks.ts';

/**
 * Annotators' contests of how an answer of theirs was judged. Any answer can be contested, as its annotator cannot know
 * whether it was gold; what an upheld one corrected stays on record here.
 */
export const goldAppeals = pgTable(
  'gold_appeals',
  {
    id: id(),
    annotationId: uuid('annotation_id')
      .notNull()
      .references(() => annotations.id),
    campaignId: uuid('campaign_id').notNull(),
    annotatorId: uuid('annotator_id')
      .notNull()
      .references(() => annotators.id),
    reason: text('reason').notNull(),
    state: text('state', { enum: APPEAL_STATES }).notNull().default('open'),
    createdAt: createdAt(),
    /** Who resolved it: a key's id; null while open. */
    resolvedBy: text('resolved_by'),
    note: text('note'),
    resolvedAt: moment('resolved_at'),
    /** The known answer before and after; null unless upheld, and of work, which has none. */
    goldBefore: jsonb('gold_before'),
    goldAfter: jsonb('gold_after'),
    /** How many answers, of all annotators, have another verdict since. */
    changedVerdicts: integer('changed_verdicts'),
  },
  (t) => [
    uniqueIndex('gold_appeals_annotation').on(t.annotationId),
    index('gold_appeals_campaign').on(t.campaignId, t.id),
    index('gold_appeals_open').on(t.id).where(sql`${t.state} = 'open'`),
    check('gold_appeals_state', sql`${t.state} in (${oneOf(APPEAL_STATES)})`),
    check('gold_appeals_resolved', sql`(${t.state} = 'open') = (${t.resolvedBy} is null and ${t.resolvedAt} is null)`),
    check(
      'gold_appeals_upheld',
      sql`(${t.state} = 'upheld') = (${t.changedVerdicts} is not null) and (${t.goldBefore} is null) = (${t.goldAfter} is null)
        and (${t.state} = 'upheld' or ${t.goldBefore} is null)`,
    ),
  ],
);
