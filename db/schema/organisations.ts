import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
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
