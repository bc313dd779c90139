import type { Queryable } from '../client.ts';

/** Until when an address may not sign in; undefined when it may. */
export async function lockedUntil(sql: Queryable, email: string): Promise<Date | undefined> {
  const [row] = await sql<{ until: Date }[]>`
    select locked_until as until from sign_in_failures where email = ${email} and locked_until > now()`;
  return row?.until;
}

/** Counts a wrong password; the `max`th within `windowS` seconds locks the address for as long. */
export async function countFailure(
  sql: Queryable,
  failure: { email: string; max: number; windowS: number },
): Promise<void> {
  const window = sql`${failure.windowS} * interval '1 second'`;
  await sql`
    insert into sign_in_failures as f (email, failures) values (${failure.email}, 1)
    on conflict (email) do update set
      failures = case when f.last_at < now() - ${window} then 1 else f.failures + 1 end,
      locked_until = case
        when f.last_at >= now() - ${window} and f.failures + 1 >= ${failure.max} then now() + ${window}
        else f.locked_until end,
      last_at = now()`;
}

/** Forgets the wrong passwords of an address that got in, and old ones of all. */
export async function forgetFailures(sql: Queryable, email: string): Promise<void> {
  await sql`delete from sign_in_failures where email = ${email} or last_at < now() - interval '1 day'`;
}
