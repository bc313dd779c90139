import { ApplicationFailure } from '@temporalio/common';
import type { Db } from '../db/client.ts';
import {
  healthOf,
  noteFailure,
  noteOrderError,
  noteSuccess,
  type OrderRow,
  reportRefusal,
} from '../db/queries/vendor-orders.ts';
import { VendorError } from '../vendors/errors.ts';
import { whileAlive } from './while-alive.ts';

/** So many failures in a row open a vendor's circuit, for so long. */
export const CIRCUIT = { limit: 8, openMs: 60_000 };

/**
 * Stands between the activities and the vendors: keeps each vendor's circuit breaker, and turns failures into what
 * Temporal is to do about them: wait as long as the vendor asks, look again later, or give up.
 */
export function createGuard(
  db: Db,
  options: { readonly reconcileMs: number; readonly circuit: { readonly limit: number; readonly openMs: number } },
) {
  /** Refuses while the vendor's circuit is open; the attempt is made again when it closes. */
  async function admit(vendor: string): Promise<void> {
    const health = await healthOf(db, vendor);
    const waitMs = (health?.openUntil?.getTime() ?? 0) - Date.now();
    if (waitMs <= 0) return;
    throw ApplicationFailure.create({
      type: 'vendor_circuit_open',
      message: `${vendor} failed ${health?.failures ?? 0} times in a row; it is left alone for a while.`,
      nextRetryDelay: waitMs,
      category: 'BENIGN',
    });
  }

  /** A purchase: what the vendor refuses is not tried again. */
  const run = <T>(order: OrderRow, call: () => Promise<T>): Promise<T> => attempt(order, call, 'never');

  /** Anything after the purchase: what is bought must not be forgotten, so a refusal is told to a person and tried again. */
  const insist = <T>(order: OrderRow, call: () => Promise<T>): Promise<T> => attempt(order, call, 'again');

  /** Likewise what the order's next look tries again. */
  const insistOnce = <T>(order: OrderRow, call: () => Promise<T>): Promise<T> => attempt(order, call, 'once');

  async function attempt<T>(
    order: OrderRow,
    call: () => Promise<T>,
    insisting: 'again' | 'once' | 'never',
  ): Promise<T> {
    await admit(order.vendor);
    try {
      const result = await whileAlive(call);
      await noteSuccess(db, order.vendor);
      return result;
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      await noteOrderError(db, { id: order.id, error: error.message });
      // Too many requests say that the vendor is well.
      const down = error.kind !== 'permanent' && error.status !== 429;
      if (down) await noteFailure(db, { vendor: order.vendor, error: error.message, ...options.circuit });
      if (insisting !== 'never' && error.kind === 'permanent') throw await refused(order, error.message, insisting);
      throw asFailure(error, options.reconcileMs);
    }
  }

  /** The failure of what must be done and was refused: told to a person, and tried again. */
  async function refused(order: OrderRow, why: string, tried: 'again' | 'once' = 'again'): Promise<ApplicationFailure> {
    await reportRefusal(db, {
      orderId: order.id,
      detail: `${order.vendor} cannot be asked about an order that it has: ${why} It is tried again until the order's time is over.`,
      evidence: { key: order.key },
    });
    const nonRetryable = tried === 'once';
    return ApplicationFailure.create({ type: 'vendor_refused', message: why, nonRetryable, category: 'BENIGN' });
  }

  return { admit, run, insist, insistOnce, refused };
}

function asFailure(error: VendorError, reconcileMs: number): ApplicationFailure {
  const { message, kind } = error;
  if (kind === 'permanent') {
    return ApplicationFailure.create({ type: 'vendor_refused', message, nonRetryable: true, category: 'BENIGN' });
  }
  const delay = kind === 'ambiguous' ? reconcileMs : error.retryAfterMs;
  return ApplicationFailure.create({
    type: `vendor_${kind}`,
    message,
    category: 'BENIGN',
    ...(delay === undefined ? {} : { nextRetryDelay: Math.max(1, delay) }),
  });
}
