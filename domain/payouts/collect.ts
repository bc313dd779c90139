import type { Payee } from '../books/accounts.ts';
import { leastMicros } from '../money.ts';

/** The least that can be sent: banks know no less than a cent. */
export const CENT_MICROS = 10_000n;

/** What one campaign owes a recipient on one account: a vendor for its workers, and as its own fees. */
export interface Payable {
  readonly recipient: string;
  readonly campaignId: string;
  readonly payee: Payee;
  readonly micros: bigint;
}

export interface Payment {
  readonly recipient: string;
  readonly amountMicros: bigint;
  /** From which campaigns' accounts; they add up to the amount. */
  readonly parts: readonly { readonly campaignId: string; readonly payee: Payee; readonly amountMicros: bigint }[];
}

/**
 * One payment a recipient: all that is owed, in whole cents. What is less than a cent stays owed, and so does what is
 * held back of a campaign's pay, and everything where it comes to less than `worthMicros`.
 */
export function collectPayments(
  payables: readonly Payable[],
  held: readonly Payable[],
  worthMicros: bigint = CENT_MICROS,
): Payment[] {
  const nameOf = ({ recipient, campaignId, payee }: Payable) => JSON.stringify([recipient, campaignId, payee]);
  const back = new Map(held.map((each) => [nameOf(each), each.micros]));
  const byRecipient = new Map<string, Payable[]>();
  for (const each of payables) {
    // Of this campaign's own: a deduction takes nothing of what another one owes.
    const payable = { ...each, micros: each.micros - (back.get(nameOf(each)) ?? 0n) };
    if (payable.micros <= 0n) continue;
    const known = byRecipient.get(each.recipient);
    if (known) known.push(payable);
    else byRecipient.set(each.recipient, [payable]);
  }
  return [...byRecipient].flatMap(([recipient, owed]) => {
    const all = owed.reduce((sum, { micros }) => sum + micros, 0n);
    const amountMicros = all - (all % CENT_MICROS);
    if (amountMicros < CENT_MICROS || amountMicros < worthMicros) return [];
    let left = amountMicros;
    const parts = owed.flatMap(({ campaignId, payee, micros }) => {
      const part = leastMicros(micros, left);
      left -= part;
      return part > 0n ? [{ campaignId, payee, amountMicros: part }] : [];
    });
    return [{ recipient, amountMicros, parts }];
  });
}
