import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import { micros, oneOf } from './columns.ts';
import { ledger } from './money.ts';
import { payoutItems } from './payouts.ts';
import { PAYOUT_ENTRY_OUTCOMES } from './states.ts';
import { vendorResponses } from './vendors.ts';

/** What a payment to a vendor is for, where the run settles it there: an entry of the books for each answer and bonus. */
export const payoutEntries = pgTable(
  'payout_entries',
  {
    payoutItemId: uuid('payout_item_id')
      .notNull()
      .references(() => payoutItems.id),
    ledgerId: bigint('ledger_id', { mode: 'bigint' })
      .notNull()
      .references(() => ledger.id),
    responseId: uuid('response_id')
      .notNull()
      .references(() => vendorResponses.id),
    /** As booked. */
    amountMicros: micros('amount_micros').notNull(),
    /** What the vendor says; null before it was asked. A bonus was paid before it was booked. */
    outcome: text('outcome', { enum: PAYOUT_ENTRY_OUTCOMES }),
    /** What the vendor says it costs; null where it does not say, or pays nothing. */
    chargedMicros: micros('charged_micros'),
    /** Why it is refused. */
    detail: text('detail'),
    /** False where its payment failed: it is owed again, and part of another payment. */
    live: boolean('live').notNull().default(true),
  },
  (t) => [
    primaryKey({ columns: [t.payoutItemId, t.ledgerId] }),
    uniqueIndex('payout_entries_once').on(t.ledgerId).where(sql`${t.live}`),
    index('payout_entries_open').on(t.payoutItemId).where(sql`${t.outcome} is null`),
    index('payout_entries_response').on(t.responseId),
    check('payout_entries_outcome', sql`${t.outcome} in (${oneOf(PAYOUT_ENTRY_OUTCOMES)})`),
    check('payout_entries_amount', sql`${t.amountMicros} > 0`),
    check('payout_entries_refused', sql`(${t.outcome} = 'refused') <= (${t.detail} is not null)`),
  ],
);
