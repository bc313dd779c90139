import { Context } from '@temporalio/activity';
import type { Db } from '../db/client.ts';
import {
  concludeSettlement,
  isUnsettled,
  noteEntry,
  type OpenEntry,
  openEntries,
  unsettledOrders,
} from '../db/queries/settlements.ts';
import { markSettled } from '../db/queries/vendor-ingest.ts';
import type { OrderRow } from '../db/queries/vendor-orders.ts';
import { storable } from '../domain/vendors/storable.ts';
import type { FetchedUnit, Order, Placement, Refused, Vendor, VendorResponse } from '../vendors/vendor.ts';
import type { createGuard } from './vendor-guard.ts';
import type { createOrderWriter } from './vendor-orders.ts';

/** Orders that one call goes through: well within an hour where each takes a hundred requests. */
const ORDERS_A_CALL = 100;

/** An order that a vendor has, and how it is asked. */
export interface Placed {
  readonly row: OrderRow;
  readonly vendor: Vendor;
  readonly order: Order;
  readonly placement: Placement;
  readonly guard: ReturnType<typeof createGuard>;
}

/**
 * Has the vendor accept an answer, which pays its worker; `found` is the answer as it was fetched just before, if it was
 * there. Nothing is sent where the vendor has it so already, or has rejected it.
 */
export async function acceptAnswer(
  at: Placed,
  answer: { readonly unitId: string; readonly responseKey: string },
  found: VendorResponse | undefined,
): Promise<'done' | Refused> {
  const { row, vendor, order, placement, guard } = at;
  if (found?.review === 'accepted') return 'done';
  if (found?.review === 'rejected') return { refused: `${row.vendor} has the answer as rejected.` };
  const act = { act: 'accept' as const, unitKey: answer.unitId, responseId: answer.responseKey };
  const said = await guard.insist(row, () => vendor.settle(order, placement, act));
  return typeof said === 'object' ? said : 'done';
}

/** Has the vendor reject an answer that was not taken in, as a person ruled: its worker is not paid for it. */
export async function rejectAnswer(
  at: Placed,
  answer: { readonly unitId: string; readonly responseKey: string; readonly reason: string },
  found: VendorResponse | undefined,
): Promise<'done' | Refused> {
  const { row, vendor, order, placement, guard } = at;
  if (found?.review === 'rejected') return 'done';
  if (found?.review === 'accepted') return { refused: `${row.vendor} has the answer as accepted.` };
  const { unitId: unitKey, responseKey: responseId, reason } = answer;
  const said = await guard.insist(row, () =>
    vendor.settle(order, placement, { act: 'reject', unitKey, responseId, reason }),
  );
  return said === 'unsupported' ? { refused: `${row.vendor} rejects no answers.` } : said;
}

/** What a vendor was found to have, as it can be stored; and why not all could be asked about, where that was so. */
export function readLook(looked: readonly FetchedUnit[]) {
  return {
    fetched: looked.map(({ fault: _, ...unit }) => storable(unit)),
    fault: looked.find((unit) => unit.fault)?.fault,
  };
}

/** Fetched answers by task and the vendor's id. */
export function foundAnswers(fetched: readonly FetchedUnit[]) {
  const all = fetched.flatMap(({ key, responses }) => responses.map((each) => [`${key} ${each.id}`, each] as const));
  const byKey = new Map(all);
  return (answer: Pick<OpenEntry, 'unitId' | 'responseKey'>) => byKey.get(`${answer.unitId} ${answer.responseKey}`);
}

/**
 * Accepts what a payment of a payout run is for at its vendor, and notes what the vendor says of each answer: some orders a
 * call, and when none is left, what became of the payment. Each answer is noted at once, so that a call goes on where one
 * before it ended.
 */
export async function settlePayment(
  deps: {
    readonly db: Db;
    readonly guard: Placed['guard'];
    readonly writer: ReturnType<typeof createOrderWriter>;
    readonly orderOf: (orderId: string) => Promise<OrderRow>;
    readonly vendorOf: (row: OrderRow) => Promise<Vendor>;
  },
  itemId: string,
): Promise<void> {
  const { db, guard, writer } = deps;
  if (!(await isUnsettled(db, itemId))) return;
  for (const orderId of await unsettledOrders(db, itemId, ORDERS_A_CALL)) {
    Context.current().heartbeat();
    const row = await deps.orderOf(orderId);
    const vendor = await deps.vendorOf(row);
    const placement: Placement = row.placement ?? { externalId: '', units: {} };
    const { order } = await writer.write(row, { all: true });
    const fetched = await guard.insist(row, async () => {
      const look = readLook(await vendor.fetch(order, placement));
      if (look.fault) throw look.fault;
      return look.fetched;
    });
    const found = foundAnswers(fetched);
    for (const entry of await openEntries(db, { itemId, orderId })) {
      Context.current().heartbeat();
      const response = found(entry);
      const said = await acceptAnswer({ row, vendor, order, placement, guard }, entry, response);
      const { ledgerId } = entry;
      if (said === 'done') {
        await markSettled(db, [entry.responseId]);
        await noteEntry(db, { itemId, ledgerId, outcome: 'accepted', chargedMicros: response?.costMicros ?? null });
      } else await noteEntry(db, { itemId, ledgerId, outcome: 'refused', detail: storable(said.refused) });
    }
  }
  await concludeSettlement(db, itemId);
}
