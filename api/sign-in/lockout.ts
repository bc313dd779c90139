import type { Db } from '../../db/client.ts';
import { countFailure, forgetFailures, lockedUntil } from '../../db/queries/sign-in-failures.ts';
import { QuorateError } from '../../domain/failures.ts';

const MAX_FAILURES = 10;
const WINDOW_S = 15 * 60;

/**
 * Runs `attempt` for an address unless too many wrong passwords locked it: ten within fifteen minutes lock it for as
 * long, whether it has an account or not.
 */
export async function withLockout<T extends { readonly status: number }>(
  db: Db,
  givenEmail: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const email = givenEmail.toLowerCase();
  if (await lockedUntil(db, email)) {
    const message = `Too many wrong passwords for this address; try again in ${WINDOW_S / 60} minutes, or set a new one.`;
    throw new QuorateError('too_many_requests', message);
  }
  const result = await attempt();
  if (result.status === 401) await countFailure(db, { email, max: MAX_FAILURES, windowS: WINDOW_S });
  else if (result.status < 300) await forgetFailures(db, email);
  return result;
}
