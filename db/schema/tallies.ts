import { bigint, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';

/**
 * How much of what a campaign has, so that nobody counts a million rows to show it: rows of `tally_changes` are written by
 * triggers in the transaction that changes what they count, wait for nobody, and are added up here from time to time. What is
 * true is the sum of both.
 */
const tally = {
  campaignId: uuid('campaign_id').notNull(),
  what: text('what').notNull(),
  /** Of tasks; 0 of all else. */
  round: integer('round').notNull(),
  n: bigint('n', { mode: 'number' }).notNull(),
};

export const tallies = pgTable('tallies', tally, (t) => [primaryKey({ columns: [t.campaignId, t.what, t.round] })]);

export const tallyChanges = pgTable('tally_changes', tally, (t) => [index('tally_changes_campaign').on(t.campaignId)]);
