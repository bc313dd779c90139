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
 * held back of a campaign's pay, and everything where it comes to less than `worthMicros`. What one account of a campaign is
 * below zero, a vendor's own say, is taken from the recipient's other one there, its fees.
 */
export function collectPayments(
  payables: readonly Payable[],
  held: readonly Payable[],
  worthMicros: bigint = CENT_MICROS,
): Payment[] {
  const nameOf = ({ recipient, campaignId, payee }: Payable) => JSON.stringify([recipient, campaignId, payee]);
  const back = new Map(held.map((each) => [nameOf(each), each.micros]));
  const together = new Map<string, Payable[]>();
  for (const each of payables) {
    // Of this campaign's own: a deduction takes nothing of what another one owes.
    const payable = { ...each, micros: each.micros - (back.get(nameOf(each)) ?? 0n) };
    const name = JSON.stringify([each.recipient, each.campaignId]);
    together.set(name, [...(together.get(name) ?? []), payable]);
  }
  const byRecipient = new Map<string, Payable[]>();
  for (const payable of [...together.values()].flatMap(netted)) {
    const known = byRecipient.get(payable.recipient);
    if (known) known.push(payable);
    else byRecipient.set(payable.recipient, [payable]);
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

/** What is left of a recipient's accounts in one campaign when those below zero are made up for by the others. */
function netted(accounts: readonly Payable[]): Payable[] {
  let lacking = accounts.reduce((sum, { micros }) => (micros < 0n ? sum - micros : sum), 0n);
  return accounts.flatMap((each) => {
    if (each.micros <= 0n) return [];
    const taken = leastMicros(each.micros, lacking);
    lacking -= taken;
    return taken < each.micros ? [{ ...each, micros: each.micros - taken }] : [];
  });
}
