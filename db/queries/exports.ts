import type { Db, Queryable } from '../client.ts';
import type { DecisionState } from '../schema/states.ts';

export interface ExportRow {
  readonly taskId: string;
  readonly key: string;
  readonly state: DecisionState;
  readonly label: unknown;
  readonly confidence: number;
  readonly method: string;
  readonly evidence: unknown;
  readonly revision: number;
  readonly policyVersion: number;
  readonly costMicros: bigint;
  readonly decidedAt: Date;
  readonly payload: unknown;
  /** About how much the row weighs in memory. */
  readonly bytes: number;
}

const FIRST = '00000000-0000-0000-0000-000000000000';
const MAX_ROWS = 1000;
const BATCH_BYTES = 8 * 1024 * 1024;

/**
 * The newest decision of every task of a campaign, in the order of task ids, a batch at a time. Each batch is a query
 * of its own, so a slow reader holds no transaction open; batches have at most 1,000 rows, fewer where rows are large.
 */
export async function* decidedBatches(sql: Queryable, campaignId: string): AsyncGenerator<ExportRow[]> {
  let after = FIRST;
  let limit = 100;
  for (;;) {
    const rows = await decidedAfter(sql, { campaignId, after, limit });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    if (rows.length < limit) return;
    after = last.taskId;
    const mean = rows.reduce((sum, row) => sum + row.bytes, 0) / rows.length;
    limit = Math.max(1, Math.min(MAX_ROWS, Math.floor(BATCH_BYTES / Math.max(1, mean))));
  }
}

async function decidedAfter(
  sql: Queryable,
  page: { campaignId: string; after: string; limit: number },
): Promise<ExportRow[]> {
  return sql<ExportRow[]>`
    select d.task_id as "taskId", i.key, d.state, d.label, d.confidence::float8 as confidence, d.method, d.evidence,
      d.revision, t.policy_version as "policyVersion", d.cost_micros as "costMicros", d.decided_at as "decidedAt",
      p.payload, pg_column_size(p.payload) + pg_column_size(d.evidence) as bytes
    from (
      select distinct on (task_id) task_id, revision, state, label, confidence, method, evidence, cost_micros, decided_at
      from decisions
      where campaign_id = ${page.campaignId} and task_id > ${page.after}
      order by task_id, revision desc
      limit ${page.limit}
    ) d
    join tasks t on t.id = d.task_id
    join items i on i.id = t.item_id
    join item_payloads p on p.item_id = i.id
    order by d.task_id`;
}

/** Each decided item with its label and all counted answers, in chunks: for measuring labels against a known truth. */
export function answersByItem(
  db: Db,
  campaignId: string,
  chunk: number,
): AsyncIterable<{ key: string; label: unknown; answers: unknown[] }[]> {
  return db<{ key: string; label: unknown; answers: unknown[] }[]>`
    select i.key, d.label,
      (select jsonb_agg(l.label) from annotations n join annotation_labels l on l.annotation_id = n.id
        where n.task_id = d.task_id and n.counted) as answers
    from (
      select distinct on (task_id) task_id, state, label from decisions
      where campaign_id = ${campaignId} order by task_id, revision desc
    ) d
    join tasks t on t.id = d.task_id
    join items i on i.id = t.item_id
    where d.state in ('decided', 'adjudicated')`.cursor(chunk);
}
