import { sql } from 'drizzle-orm';
import { check, doublePrecision, index, integer, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core';
import { campaigns } from './campaigns.ts';
import { createdAt, moment } from './columns.ts';
import { items } from './items.ts';

/** What the audits by people support for the model's own labels; see `domain/learning/auto-label.ts`. */
export const autoLabelings = pgTable(
  'auto_labelings',
  {
    campaignId: uuid('campaign_id')
      .primaryKey()
      .references(() => campaigns.id),
    /** Least confidence of the model's labels; null: it may give none. */
    threshold: doublePrecision('threshold'),
    audited: integer('audited').notNull(),
    agreed: integer('agreed').notNull(),
    low: doublePrecision('low').notNull(),
    temperature: doublePrecision('temperature').notNull(),
    round: integer('round').notNull(),
    updatedAt: moment('updated_at').notNull().default(sql`now()`),
  },
  (t) => [check('auto_labelings_agreed', sql`${t.agreed} between 0 and ${t.audited}`)],
);

/** Labels that the campaign's model gave, for which nobody is paid; their items have the state `model` and no task. */
export const modelLabels = pgTable(
  'model_labels',
  {
    itemId: uuid('item_id')
      .primaryKey()
      .references(() => items.id),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    label: jsonb('label').notNull(),
    confidence: doublePrecision('confidence').notNull(),
    /** Of the fit that looked at it last. */
    round: integer('round').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    check('model_labels_confidence', sql`${t.confidence} between 0 and 1`),
    index('model_labels_campaign').on(t.campaignId, t.itemId),
  ],
);
