import { leastMicros } from '../../domain/money.ts';
import type { Db, Tx } from '../client.ts';
import { lockAuthorizations } from './authorizations.ts';
import { lockRooms } from './limits.ts';
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
 * Books what somebody cost a task without an answer that counts, beside what is reserved for the task's answers. `no_room`, and nothing is
 * booked, where a cap has no room for it.
 */
export async function bookUsage(db: Db, usage: Usage): Promise<Booked> {
  return db.begin((tx) => bookUsageIn(tx, usage));
}

type Booked = 'booked' | 'known' | 'no_room';

/** As `bookUsage`, in a transaction that holds the task's units if any. */
export async function bookUsageIn(tx: Tx, usage: Usage): Promise<Booked> {
  const { campaignId, taskId, key, micros } = usage;
  const payee = usage.vendor === 'llm' ? 'judge' : 'vendor';
  const annotatorId = await workerAsAnnotator(tx, usage);
  const free = await roomForUsage(tx, usage);
  const [known] = await tx`select 1 from ledger where key = ${`spend:${key}`}`;
  if (known) return 'known';
  if (free === undefined || micros > free) return 'no_room';
  await tx`
      with balance as (
        update budgets set spent_micros = spent_micros + ${micros} where campaign_id = ${campaignId}
      ), grown as (
        update authorizations
        set amount_micros = amount_micros + ${micros}, committed_micros = committed_micros + ${micros}
        where task_id = ${taskId} returning id
      )
      insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotator_id, order_id)
      select ${campaignId}, kind, ${payee}, ${micros}, kind || ':' || ${key}, grown.id, ${annotatorId}, ${usage.orderId}
      from grown cross join (values ('reserve'), ('spend')) as entry(kind)`;
  return 'booked';
}

/** What may be booked for a task beside its answers, under the caps, which stay locked; undefined where it has no authorization. */
export async function roomForUsage(
  tx: Tx,
  { campaignId, taskId }: Pick<Usage, 'campaignId' | 'taskId'>,
): Promise<bigint | undefined> {
  // The authorization before the budget, as settling does; it may be closed, if the task was cancelled meanwhile.
  await lockAuthorizations(tx, [taskId]);
  const [auth] = await tx<{ workforce: string | null }[]>`
      select workforce from authorizations where task_id = ${taskId}`;
  if (!auth) return undefined;
  const { cappedMicros, workforces } = await lockRooms(tx, campaignId);
  const own = auth.workforce === null ? undefined : workforces.get(auth.workforce);
  return leastMicros(cappedMicros, own?.freeMicros ?? cappedMicros);
}
