import { formatUsd } from '../money.ts';
import { CENT_MICROS } from './collect.ts';

/** A payment that is settled by accepting answers at a vendor, when the vendor has said something of each of them. */
export interface Settlement {
  readonly vendor: string;
  /** What the run has frozen: whole cents of what was owed. */
  readonly amountMicros: bigint;
  readonly answers: number;
  /** Answers that the vendor will not pay its worker for. */
  readonly refused: number;
  /** What the books have for the answers and bonuses of the payment. */
  readonly bookedMicros: bigint;
  /** What the vendor says that those it accepted, and the bonuses it paid, cost. */
  readonly chargedMicros: bigint;
}

export type SettlementVerdict = { readonly becomes: 'paid' } | { readonly becomes: 'ambiguous'; readonly note: string };

/**
 * Paid where the vendor has accepted every answer and charges what is booked for them, which is what was frozen but for
 * the fraction of a cent that a payment leaves, or takes over from the one before. Anything else is for a person.
 */
export function verdictOnSettlement(settlement: Settlement): SettlementVerdict {
  const { vendor, amountMicros, answers, refused, bookedMicros, chargedMicros } = settlement;
  const ask = (note: string): SettlementVerdict => ({ becomes: 'ambiguous', note });
  if (refused > 0) return ask(`${vendor} does not pay its workers for ${refused} of ${answers} answers.`);
  if (chargedMicros !== bookedMicros) {
    return ask(`${vendor} charges $${formatUsd(chargedMicros)}; $${formatUsd(bookedMicros)} are booked.`);
  }
  const apart = amountMicros - bookedMicros;
  if (apart >= CENT_MICROS || apart <= -CENT_MICROS) {
    const what = `$${formatUsd(bookedMicros)} of answers and bonuses are known`;
    return ask(`The payment is of $${formatUsd(amountMicros)}; ${what} of it.`);
  }
  return { becomes: 'paid' };
}
