import { leastMicros } from '../../domain/money.ts';
import type { Db, Tx } from '../client.ts';
import { lockAuthorizations } from './authorizations.ts';
import { lockRooms, pacing } from './limits.ts';
import { workerAsAnnotator } from './vendor-ingest.ts';

/** What a judge, or a vendor's worker, cost without an answer that counts. */
export interface Usage {
  readonly orderId: string;
  readonly campaignId: string;
  readonly taskId: string;
  readonly vendor: string;
  readonly workerId: string;
  /** Unique: the same again books nothing more. */
  readonly key: string;
  readonly micros: bigint;
}

/**
 * Books what somebody cost a task without an answer that counts, beside what is reserved for the task's answers; a gold's
 * comes out of the campaign's gold money first (`lockPurse`). `no_room`, and nothing is booked, where a cap has no room for it.
 */
export async function bookUsage(db: Db, usage: Usage): Promise<Booked> {
  return db.begin((tx) => bookUsageIn(tx, usage));
}

type Booked = 'booked' | 'known' | 'no_room';

/** As `bookUsage`, in a transaction that holds the task's units if any. */
export async function bookUsageIn(tx: Tx, usage: Usage): Promise<Booked> {
  const { campaignId, key, micros } = usage;
  const payee = usage.vendor === 'llm' ? 'judge' : 'vendor';
  const annotatorId = await workerAsAnnotator(tx, usage);
  const purse = await lockPurse(tx, usage);
  const [known] = await tx`select 1 from ledger where key = ${`spend:${key}`}`;
  if (known) return 'known';
  if (!purse || micros > purse.roomMicros) return 'no_room';
  const reserved = leastMicros(micros, purse.setAsideMicros);
  const more = micros - reserved;
  await tx`
      with balance as (
        update budgets set reserved_micros = reserved_micros - ${reserved}, spent_micros = spent_micros + ${micros},
          ${pacing(tx, more)}
        where campaign_id = ${campaignId}
      ), grown as (
        update authorizations
        set amount_micros = amount_micros + ${more}, committed_micros = committed_micros + ${micros}
        where id = ${purse.id} returning id
      )
      insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotator_id, order_id)
      select ${campaignId}, kind, ${payee}, micros, kind || ':' || ${key}, grown.id, ${annotatorId}, ${usage.orderId}
      from grown cross join (values ('reserve', ${more}::bigint), ('spend', ${micros})) as entry(kind, micros)
      where micros > 0`;
  return 'booked';
}

/** What pays for something beside a task's answers. */
interface Purse {
  /** Of the authorization that it is booked in. */
  readonly id: string;
  /** Reserved already, and free to be spent so. */
  readonly setAsideMicros: bigint;
  /** This, and what may be reserved beside it under the caps. */
  readonly roomMicros: bigint;
}

/**
 * Locks what may be booked for a task beside its answers: under the caps, and for a gold, which has no authorization of its
 * own, out of the campaign's gold money first. Undefined where there is neither.
 */
export async function lockPurse(
  tx: Tx,
  { campaignId, taskId }: Pick<Usage, 'campaignId' | 'taskId'>,
): Promise<Purse | undefined> {
  // The authorization before the budget, as settling does; it may be closed, if the task was cancelled meanwhile.
  await lockAuthorizations(tx, [taskId]);
  const [auth] = await tx<{ id: string; workforce: string | null }[]>`
    select id, workforce from authorizations where task_id = ${taskId}`;
  const { cappedMicros, workforces } = await lockRooms(tx, campaignId);
  if (auth) {
    const own = auth.workforce === null ? undefined : workforces.get(auth.workforce);
    return {
      id: auth.id,
      setAsideMicros: 0n,
      roomMicros: leastMicros(cappedMicros, own?.freeMicros ?? cappedMicros),
    };
  }
  // But the budget before the gold money, as planning a batch does.
  const [pot] = await tx<{ id: string; free: bigint }[]>`
    select id, amount_micros - committed_micros - released_micros - held_micros as free from authorizations
    where campaign_id = ${campaignId} and task_id is null
      and exists (select from tasks where id = ${taskId} and kind in ('gold', 'honeypot'))
    for update`;
  return pot && { id: pot.id, setAsideMicros: pot.free, roomMicros: pot.free + cappedMicros };
}
