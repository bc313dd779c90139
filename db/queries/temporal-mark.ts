import type { Queryable } from '../client.ts';

// Any constant does, as long as every process uses the same one.
const MARK = 7_400_742;

/** Has a session say which Temporal the leader works with, as long as it lasts or until `unmarkTemporal`. */
export async function markTemporal(session: Queryable, temporal: string): Promise<void> {
  await session`select pg_advisory_lock_shared(${MARK}, hashtext(${temporal}))`;
}

export async function unmarkTemporal(session: Queryable, temporal: string): Promise<void> {
  await session`select pg_advisory_unlock_shared(${MARK}, hashtext(${temporal}))`;
}

/** Whether a leader works on this database with another Temporal: its workflows would be two of each. */
export async function isElsewhere(sql: Queryable, temporal: string): Promise<boolean> {
  const marks = await sql`
    select 1 from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
    where l.locktype = 'advisory' and l.granted and l.classid = ${MARK} and l.objsubid = 2
      and l.objid::bigint <> (hashtext(${temporal})::bigint & 4294967295)`;
  return marks.length > 0;
}
