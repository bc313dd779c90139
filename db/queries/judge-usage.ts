import type { Db } from '../client.ts';
import { lockAuthorizations } from './authorizations.ts';
import { organisationOf } from './limits.ts';
import { workerAsAnnotator } from './vendor-ingest.ts';

/** What a judge cost without an answer to a task. */
export interface Usage {
  readonly campaignId: string;
  readonly taskId: string;
  readonly vendor: string;
  readonly workerId: string;
  /** Unique: the same again books nothing more. */
  readonly key: string;
  readonly micros: bigint;
}

/**
 * Books what a judge cost a task without an answer, beside what is reserved for the task's answers. `no_room`, and nothing is
 * booked, where a cap has no room for it.
 */
export async function bookUsage(db: Db, usage: Usage): Promise<'booked' | 'known' | 'no_room'> {
  const { campaignId, taskId, key, micros } = usage;
  return db.begin(async (tx) => {
    const annotatorId = await workerAsAnnotator(tx, usage);
    // The authorization before the budget, as settling does; it may be closed, if the task was cancelled meanwhile.
    await lockAuthorizations(tx, [taskId]);
    const [known] = await tx`select 1 from ledger where key = ${`spend:${key}`}`;
    if (known) return 'known';
    const booked = await tx`
      with auth as (
        select id, workforce from authorizations where task_id = ${taskId}
      ), balance as (
        update budgets b set spent_micros = spent_micros + ${micros}
        from auth
        where b.campaign_id = ${campaignId} and reserved_micros + spent_micros + ${micros} <= cap_micros
          and not exists (
            select from budget_limits l
            where (l.scope = 'organisation' and l.name = ${organisationOf(tx, campaignId)}
                or l.campaign_id = ${campaignId} and l.scope = 'workforce' and l.name = auth.workforce)
              and l.drawn_micros + ${micros} > l.cap_micros
          )
        returning auth.id
      ), grown as (
        update authorizations a
        set amount_micros = amount_micros + ${micros}, committed_micros = committed_micros + ${micros}
        from balance where a.id = balance.id
      )
      insert into ledger (campaign_id, kind, payee, amount_micros, key, authorization_id, annotator_id)
      select ${campaignId}, kind, 'judge', ${micros}, kind || ':' || ${key}, balance.id, ${annotatorId}
      from balance cross join (values ('reserve'), ('spend')) as entry(kind)
      returning id`;
    return booked.length > 0 ? 'booked' : 'no_room';
  });
}
