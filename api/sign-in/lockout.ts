import type { Db } from '../../db/client.ts';
import { countFailure, forgetFailures, lockedUntil } from '../../db/queries/sign-in-failures.ts';
import { QuorateError } from '../../domain/failures.ts';

const MAX_FAILURES = 10;
/** From all networks together: many, so that nobody can keep somebody else out by guessing at their address. */
const MAX_ANYWHERE = 1000;
const WINDOW_S = 15 * 60;

/**
 * Runs `attempt` for an address unless too many wrong passwords locked it: ten within fifteen minutes from one network
 * (an IPv4 address, or an IPv6 network of 64 bits) lock it there for as long, and a thousand from all of them everywhere,
 * whether it has an account or not.
 */
export async function withLockout<T extends { readonly status: number }>(
  db: Db,
  given: { email: string; ip: string },
  attempt: () => Promise<T>,
): Promise<T> {
  const at = { email: given.email.toLowerCase(), network: networkOf(given.ip) };
  const until = await lockedUntil(db, at);
  if (until) {
    const message = `Too many wrong passwords for this address; try again in ${WINDOW_S / 60} minutes, or have a link mailed that sets a new one.`;
    const retryAfterS = Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000));
    throw new QuorateError('too_many_requests', message, { retryAfterS });
  }
  const result = await attempt();
  // With a session a wrong one is an input like others.
  if (result.status === 401 || result.status === 400) {
    await countFailure(db, { ...at, max: MAX_FAILURES, maxAnywhere: MAX_ANYWHERE, windowS: WINDOW_S });
  } else if (result.status < 300) await forgetFailures(db, at.email);
  return result;
}

/** What one caller has of addresses: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function networkOf(ip: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (v4 !== undefined) return v4;
  const [head = '', tail] = ip.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return groups.slice(0, 4).join(':').toLowerCase();
}
