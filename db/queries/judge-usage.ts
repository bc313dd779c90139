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
  const payee = usage.vendor === 'llm' ? 'judge' : 'vendor';
  const annotatorId = await workerAsAnnotator(tx, usage);
  const purse = await lockPurse(tx, usage);
  const [known] = await tx`select 1 from ledger where key = ${`spend:${usage.key}`}`;
  if (known) return 'known';
  if (!purse || usage.micros > purse.roomMicros) return 'no_room';
  await bookIn(tx, purse, { ...usage, payee, annotatorId });
  return 'booked';
}

/** What a model asked that is no judge; `key` is unique. */
export interface ModelUsage {
  readonly campaignId: string;
  readonly key: string;
  readonly micros: bigint;
}

/**
 * Books what a campaign's own questions to a model cost, such as for embeddings: as much of it as the caps have room for, as it
 * was asked while there was room for the most that it could be (`modelRoom`).
 */
export async function bookModelUsage(tx: Tx, usage: ModelUsage): Promise<void> {
  const purse = await lockModelPurse(tx, usage.campaignId);
  const micros = purse ? leastMicros(usage.micros, purse.roomMicros) : 0n;
  if (purse && micros > 0n) {
    await bookIn(tx, purse, { ...usage, micros, payee: 'judge', annotatorId: null, orderId: null });
  }
}

/** What a campaign may spend on such questions now. */
export const modelRoom = (db: Db, campaignId: string): Promise<bigint> =>
  db.begin(async (tx) => (await lockModelPurse(tx, campaignId))?.roomMicros ?? 0n);

/** They are of no task, so that they are booked beside the campaign's golds, out of what is not set aside. */
async function lockModelPurse(tx: Tx, campaignId: string): Promise<Purse | undefined> {
  const { cappedMicros } = await lockRooms(tx, campaignId);
  const [pot] = await tx<{ id: string }[]>`
    select id from authorizations where campaign_id = ${campaignId} and task_id is null for update`;
  return pot && { id: pot.id, setAsideMicros: 0n, roomMicros: cappedMicros };
}

async function bookIn(
  tx: Tx,
  purse: Purse,
  usage: ModelUsage & {
    readonly payee: 'judge' | 'vendor';
    readonly annotatorId: string | null;
    readonly orderId: string | null;
  },
): Promise<void> {
  const { campaignId, key, micros } = usage;
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
      select ${campaignId}, kind, ${usage.payee}, micros, kind || ':' || ${key}, grown.id, ${usage.annotatorId}::uuid, ${usage.orderId}::uuid
      from grown cross join (values ('reserve', ${more}::bigint), ('spend', ${micros})) as entry(kind, micros)
      where micros > 0`;
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
