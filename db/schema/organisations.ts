import { sql } from 'drizzle-orm';
import { bigint, check, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { createdAt, id } from './columns.ts';

/** The organisation that was there before there were several: everything made without one is its. */
export const DEFAULT_ORGANISATION = '01900000-0000-7000-8000-000000000001';

/** Whoever runs campaigns. Its campaigns, annotators, keys and people are nobody else's. */
export const organisations = pgTable('organisations', {
  id: id(),
  name: text('name').notNull(),
  createdAt: createdAt(),
});

/** Whose a row is. */
export const organisationId = () =>
  uuid('organisation_id')
    .notNull()
    .default(DEFAULT_ORGANISATION)
    .references(() => organisations.id);

/** Figures of the cost model that an organisation has set; what is not here is the usual one. */
export const costFigures = pgTable(
  'cost_figures',
  {
    organisationId: uuid('organisation_id')
      .notNull()
      .references(() => organisations.id),
    /** Such as `fee.mturk`, `seconds.span` or `review`. */
    name: text('name').notNull(),
    /** Of its dollars, seconds or ratio. */
    millionths: bigint('millionths', { mode: 'bigint' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organisationId, t.name] }),
    check(
      'cost_figures_name',
      sql`${t.name} ~ '^((hourlyUsd|seconds|fee)[.][a-z_]+|gold|review|reviewFactor|hostingUsd)$'`,
    ),
    check(
      'cost_figures_amount',
      sql`${t.millionths} >= 0 and (${t.name} !~ '^(hourlyUsd|seconds)' or ${t.millionths} > 0)
        and (${t.name} <> 'review' or ${t.millionths} <= 1000000)`,
    ),
  ],
);
