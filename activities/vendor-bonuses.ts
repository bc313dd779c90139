import { ApplicationFailure } from '@temporalio/common';
import type { Db } from '../db/client.ts';
import * as bonuses from '../db/queries/vendor-bonuses.ts';
import type { OrderRow } from '../db/queries/vendor-orders.ts';
import { formatUsd } from '../domain/money.ts';
import { VendorError } from '../vendors/errors.ts';
import type { Order, Placement, Vendor } from '../vendors/vendor.ts';

/**
 * Pays the bonuses of an order, each at most once: its intent is noted, one attempt is made, and where the outcome is not
 * known the vendor is asked whether it was paid. What that does not show is for a person.
 */
export async function payBonuses(
  db: Db,
  at: { row: OrderRow; vendor: Vendor; order: Order; placement: Placement },
): Promise<void> {
  const { row, vendor, order, placement } = at;
  for (const bonus of await bonuses.openBonuses(db, row.id)) {
    const { id, key, unitId: unitKey, responseKey: responseId, workerId, amountMicros, reason } = bonus;
    const act = { act: 'bonus', unitKey, responseId, workerId, amountMicros, reason, key } as const;
    const settle = (outcome: 'paid' | 'refused', detail: string) =>
      db.begin((tx) => bonuses.settleBonus(tx, { id, outcome, detail }));
    const feeMicros = vendor.bonusFeeMicros(amountMicros);
    const begun = bonus.state === 'intent' ? await bonuses.beginBonus(db, { id, feeMicros }) : 'known';
    if (begun === 'over') continue;
    if (begun === 'no_room') {
      await settle(
        'refused',
        `${row.vendor} charges $${formatUsd(feeMicros)} for it, and the budget has no room for that.`,
      );
      continue;
    }
    // Else begun before and not noted: whoever did has died in between.
    if (begun === 'begun') {
      try {
        const sent = await vendor.bonus(order, placement, act);
        if (sent === 'done') await settle('paid', `${row.vendor} has paid it.`);
        else await settle('refused', `${row.vendor} pays no bonuses.`);
        continue;
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        if (error.kind === 'permanent') {
          await settle('refused', error.message);
          continue;
        }
        if (error.kind === 'retryable') {
          await bonuses.takeBackBonus(db, id);
          const { message, retryAfterMs } = error;
          throw ApplicationFailure.create({
            ...{ type: 'vendor_retryable', message, category: 'BENIGN' },
            ...(retryAfterMs === undefined ? {} : { nextRetryDelay: Math.max(1, retryAfterMs) }),
          });
        }
      }
    }
    const others = await bonuses.othersAlike(db, id);
    const found = await vendor.findBonus(order, placement, { ...act, others }).catch((error: unknown) => {
      if (error instanceof VendorError) return undefined;
      throw error;
    });
    if (found === true) await settle('paid', `${row.vendor} says that it has paid it.`);
    else await bonuses.askAboutBonus(db, { ...bonus, orderId: row.id, vendor: row.vendor });
  }
}
