import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { campaigns } from './campaigns.ts';
import { bytes, createdAt, id, moment, oneOf } from './columns.ts';
import { ITEM_STATES } from './states.ts';

/** The pool: hot, narrow rows. What an item shows lives in `item_payloads`. */
export const items = pgTable(
  'items',
  {
    id: id(),
    campaignId: uuid('campaign_id')
      .notNull()
      .references(() => campaigns.id),
    /** The requester's own key of the row; a second import of the same key adds nothing. */
    key: text('key').notNull(),
    state: text('state', { enum: ITEM_STATES }).notNull().default('pool'),
    domain: text('domain'),
    /** Items that belong together, such as versions of one text: a campaign may limit how many one annotator is shown. */
    itemGroup: text('item_group'),
    /** Set when the item is chosen: the round, and the parts of its acquisition score. */
    round: integer('round'),
    selection: jsonb('selection'),
    /** Uniform in [0, 2^31): lets a bounded random sample of a large pool be read by index. */
    shuffle: integer('shuffle').notNull(),
    /** Digest of what a chosen item shows: tells its copies, and is as good as a place by chance. Null before it is chosen. */
    content: uuid('content'),
    createdAt: createdAt(),
  },
  (t) => [
    check('items_state', sql`${t.state} in (${oneOf(ITEM_STATES)})`),
    uniqueIndex('items_campaign_key').on(t.campaignId, t.key),
    index('items_pool').on(t.campaignId, t.shuffle).where(sql`${t.state} = 'pool'`),
    index('items_chosen').on(t.campaignId, t.content).where(sql`${t.state} = 'selected'`),
    index('items_known').on(t.campaignId, t.shuffle).where(sql`${t.state} in ('gold', 'honeypot')`),
  ],
);

export const itemPayloads = pgTable('item_payloads', {
  itemId: uuid('item_id')
    .primaryKey()
    .references(() => items.id),
  payload: jsonb('payload').notNull(),
  /** SHA-256 of the canonical payload, to tell a repeated key from a changed row. */
  hash: text('hash').notNull(),
});

/** Known answers, apart from everything an annotator's request reads. */
export const goldAnswers = pgTable(
  'gold_answers',
  {
    itemId: uuid('item_id')
      .primaryKey()
      .references(() => items.id),
    label: jsonb('label').notNull(),
    /** The decided task that this one was made of: whoever answered that is not asked again. Null for imported ones. */
    promotedFrom: uuid('promoted_from'),
    /** Who confirmed it (a key's id), why and when. */
    promotedBy: text('promoted_by'),
    note: text('note'),
    promotedAt: moment('promoted_at'),
  },
  (t) => [uniqueIndex('gold_answers_promoted').on(t.promotedFrom).where(sql`${t.promotedFrom} is not null`)],
);

/** What items look like to models, as their requester imported it: 32-bit little-endian floats. */
export const itemVectors = pgTable('item_vectors', {
  itemId: uuid('item_id')
    .primaryKey()
    .references(() => items.id),
  vector: bytes('vector').notNull(),
});

/** Embeddings of texts, by what was asked of whom: a cache, from which any row may go. */
export const embeddings = pgTable('embeddings', {
  /** SHA-256 of endpoint, model and text. */
  hash: text('hash').primaryKey(),
  vector: bytes('vector').notNull(),
  createdAt: createdAt(),
});

/** What the requester's model says of items, imported from a file: the probability of each class, in their order. */
export const itemPredictions = pgTable('item_predictions', {
  itemId: uuid('item_id')
    .primaryKey()
    .references(() => items.id),
  shares: jsonb('shares').notNull(),
  createdAt: createdAt(),
});
