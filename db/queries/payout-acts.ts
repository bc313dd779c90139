import { v7 as uuidv7 } from 'uuid';
import type { Person } from '../../domain/payouts/four-eyes.ts';
import type { Queryable, Tx } from '../client.ts';
import type { PayoutAct, Role } from '../schema/states.ts';

/** Who does something to a payout run. */
export interface Actor {
  /** The person: a member, or a key that nobody made. */
  readonly personId: string;
  /** Of the key or, where they are signed in, the user. */
  readonly keyId: string;
}

/** People of an organisation who have one of these roles, by name. */
export async function peopleWith(
  sql: Queryable,
  of: { organisationId: string; roles: readonly Role[] },
): Promise<Person[]> {
  return sql<Person[]>`
    select u.id::text as id, u.name from members m join users u on u.id = m.user_id
    where m.organisation_id = ${of.organisationId} and m.role = any(${of.roles as Role[]}) order by u.name, u.id`;
}

/** Whether who did something is a key that nobody made. */
export const isNobody = (sql: Queryable, personId: ReturnType<Queryable>) =>
  sql`exists (select from api_keys k where k.id::text = ${personId})`;

/** What a person was called when they last did something to the run `r`, or is called now; else their id. */
export const nameOf = (
  sql: Queryable,
  person: ReturnType<Queryable>,
) => sql`case when ${person} is not null then coalesce(
    (select a.name from payout_acts a where a.run_id = r.id and a.person_id = ${person} order by a.id desc limit 1),
    ${nameNow(sql, person)}) end`;

/** What a person is called now; else their id. */
export const nameNow = (sql: Queryable, person: ReturnType<Queryable> | string) => sql`coalesce(
    (select u.name from users u where u.id::text = ${person}), (select k.name from api_keys k where k.id::text = ${person}),
    ${person})`;

/** Keeps who did what, as they are called now: it is read when they may be gone. */
export async function noteAct(
  tx: Tx,
  did: { runId: string; paymentId?: string; act: PayoutAct; by: Actor; note?: string },
): Promise<void> {
  const { personId, keyId } = did.by;
  await tx`
    insert into payout_acts (id, run_id, payment_id, act, person_id, name, key_name, note)
    values (${uuidv7()}, ${did.runId}, ${did.paymentId ?? null}, ${did.act}, ${personId},
      ${nameNow(tx, personId)}, (select name from api_keys where id::text = ${keyId}), ${did.note ?? null})`;
}

export interface ActView {
  readonly id: string;
  readonly act: PayoutAct;
  readonly paymentId: string | null;
  readonly personId: string;
  readonly name: string;
  readonly keyName: string | null;
  readonly note: string | null;
  readonly at: Date;
}

/** What people did to a run, in its order, after `cursor`. */
export async function listActs(
  sql: Queryable,
  page: { runId: string; cursor?: string | undefined; limit: number },
): Promise<ActView[]> {
  return sql<ActView[]>`
    select id, act, payment_id as "paymentId", person_id as "personId", name, key_name as "keyName", note, at
    from payout_acts
    where run_id = ${page.runId} and ${page.cursor === undefined ? sql`true` : sql`id > ${page.cursor}`}
    order by id limit ${page.limit}`;
}
