import type { Queryable } from '../client.ts';

/** Stands for all networks together. */
const ANYWHERE = '';

/** Until when an address may not sign in from a network; undefined when it may. */
export async function lockedUntil(
  sql: Queryable,
  { email, network }: { email: string; network: string },
): Promise<Date | undefined> {
  const [row] = await sql<{ until: Date }[]>`
    select locked_until as until from sign_in_failures
    where email = ${email} and network in (${network}, ${ANYWHERE}) and locked_until > now()`;
  return row?.until;
}

/**
 * Counts a wrong password; within `windowS` seconds the `max`th from one network locks the address there for as long, and
 * the `maxAnywhere`th from all of them everywhere.
 */
export async function countFailure(
  sql: Queryable,
  failure: { email: string; network: string; max: number; maxAnywhere: number; windowS: number },
): Promise<void> {
  const window = sql`${failure.windowS} * interval '1 second'`;
  await sql`
    insert into sign_in_failures as f (email, network, failures)
    values (${failure.email}, ${ANYWHERE}, 1), (${failure.email}, ${failure.network}, 1)
    on conflict (email, network) do update set
      failures = case when f.last_at < now() - ${window} then 1 else f.failures + 1 end,
      locked_until = case
        when f.last_at >= now() - ${window} and f.failures + 1 >=
          case f.network when ${ANYWHERE} then ${failure.maxAnywhere}::int else ${failure.max}::int end then now() + ${window}
        else f.locked_until end,
      last_at = now()`;
}

/** Stands where a network would: how often the hour's link for a new password was mailed, from when on. */
const RESET = 'password-reset';

/** Whether an address may be mailed one more link for a new password: `max` an hour, whoever asks. */
export async function countReset(sql: Queryable, { email, max }: { email: string; max: number }): Promise<boolean> {
  const over = sql`f.last_at < now() - interval '1 hour'`;
  const counted = await sql`
    insert into sign_in_failures as f (email, network, failures) values (${email}, ${RESET}, 1)
    on conflict (email, network) do update set
      failures = case when ${over} then 1 else f.failures + 1 end,
      last_at = case when ${over} then now() else f.last_at end
    where ${over} or f.failures < ${max}
    returning 1`;
  return counted.length > 0;
}

/** Forgets the wrong passwords of an address that got in, and old ones of all. */
export async function forgetFailures(sql: Queryable, email: string): Promise<void> {
  await sql`delete from sign_in_failures where email = ${email} or last_at < now() - interval '1 day'`;
}
