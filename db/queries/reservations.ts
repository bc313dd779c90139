import { Batcher } from '../batcher.ts';
import { type Db, json, only, type Tx } from '../client.ts';
import { lockRooms, type Rooms, reserving } from './limits.ts';

/** More money for a task, asked for by whoever holds no lock of that task. */
export interface Reservation {
  readonly campaignId: string;
  readonly taskId: string;
  readonly amountMicros: bigint;
  /** The cause, in words a machine can match: the same again reserves nothing more. */
  readonly key: string;
  /** Draws on the campaign's cap for hedges, too. */
  readonly hedge?: boolean;
}

/** `known`: reserved before, under the same key. `closed`: the task has no open authorization (any more). */
export type Reserved = 'reserved' | 'known' | 'no_room' | 'closed';

/** Reservations on their way into the database. */
export type ReservationQueue = Batcher<Reservation, Reserved>;

/**
 * Reservations that meet go together: a campaign's budget is one row, and each that changes it alone would hold it until
 * its own commit is on the disk. Each still succeeds or fails for itself, and the caps are checked under the same locks.
 */
export function createReservationQueue(db: Db): ReservationQueue {
  return new Batcher({
    async run(batch) {
      const groups = new Map<string, Reservation[]>();
      for (const each of batch) groups.set(each.campaignId, [...(groups.get(each.campaignId) ?? []), each]);
      const answers = await Promise.all(
        [...groups].map(([campaignId, group]) => reserveTogether(db, campaignId, group)),
      );
      const byKey = new Map(answers.flat());
      return batch.map(({ key }) => byKey.get(key) ?? 'closed');
    },
    // A task at most once in a batch, so that its rows are told apart by it.
    keyOf: ({ taskId }) => taskId,
    concurrency: 2,
    maxBatch: 256,
    // Those whom a commit has answered ask again in the same turn: the first of them alone would hold the budget's row.
    gathers: true,
  });
}

interface Open {
  readonly id: string;
  readonly taskId: string;
  readonly workforce: string | null;
}

async function reserveTogether(
  db: Db,
  campaignId: string,
  group: readonly Reservation[],
): Promise<[key: string, outcome: Reserved][]> {
  return db.begin(async (tx) => {
    const taskIds = group.map(({ taskId }) => taskId);
    const keys = group.map(({ key }) => key);
    // Authorizations before the budget, as settling does, each by a statement of its own: what follows sees them as they are.
    const [open, rooms, booked] = await Promise.all([
      tx<Open[]>`
        select id, task_id as "taskId", workforce from authorizations
        where task_id = any(${taskIds}::uuid[]) and campaign_id = ${campaignId} and state = 'open'
        order by task_id for update`.execute(),
      lockRooms(tx, campaignId),
      tx<{ key: string }[]>`select key from ledger where key = any(${keys})`.execute(),
    ]);
    const byTask = new Map(open.map((row) => [row.taskId, row]));
    const before = new Set(booked.map(({ key }) => key));
    const taken: { id: string; amount: string; hedge: string; key: string }[] = [];
    const outcomes = group.map((each): [string, Reserved] => {
      const auth = byTask.get(each.taskId);
      if (before.has(each.key)) return [each.key, 'known'];
      if (!auth) return [each.key, 'closed'];
      if (each.amountMicros > 0n) {
        if (!take(rooms, each, auth.workforce)) return [each.key, 'no_room'];
        const hedge = each.hedge === true ? each.amountMicros : 0n;
        taken.push({ id: auth.id, amount: String(each.amountMicros), hedge: String(hedge), key: each.key });
      }
      return [each.key, 'reserved'];
    });
    if (taken.length > 0) await book(tx, campaignId, taken);
    return outcomes;
  });
}

/** Takes what is asked for out of every room that bounds it; false, and nothing taken, where one has less. */
function take(rooms: Rooms, { amountMicros, hedge }: Reservation, workforce: string | null): boolean {
  const bounds = [rooms.campaign, workforce === null ? undefined : rooms.workforces.get(workforce)];
  if (hedge === true) bounds.push(rooms.hedge);
  const real = bounds.filter((room) => room !== undefined);
  if (real.some((room) => room.freeMicros < amountMicros)) return false;
  for (const room of real) room.freeMicros -= amountMicros;
  return true;
}

async function book(tx: Tx, campaignId: string, taken: readonly { amount: string }[]): Promise<void> {
  const total = taken.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  const booked = await tx`
    with given as (
      select * from jsonb_to_recordset(${json(tx, taken)}) as g(id uuid, amount bigint, hedge bigint, key text)
    ), balance as (
      update budgets set ${reserving(tx, total)} where campaign_id = ${campaignId}
    ), grown as (
      update authorizations a set amount_micros = amount_micros + g.amount, hedge_micros = hedge_micros + g.hedge
      from given g where a.id = g.id
    )
    insert into ledger (campaign_id, kind, amount_micros, key, authorization_id)
    select ${campaignId}, 'reserve', amount, key, id from given
    returning id`;
  only(booked);
}
