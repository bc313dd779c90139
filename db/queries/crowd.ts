import type { SharedModel } from '../../domain/aggregation/crowd/live-model.ts';
import type { NamedCorrelation } from '../../domain/aggregation/reliability/peer-reliability.ts';
import { type Db, json, type Queryable } from '../client.ts';
import { storeCorrelations } from './correlations.ts';

export interface CrowdModelRow {
  readonly version: number;
  readonly shared: SharedModel;
  readonly fittedOn: number;
}

/** The newest model of a campaign's crowd. */
export async function findCrowdModel(sql: Queryable, campaignId: string): Promise<CrowdModelRow | undefined> {
  const [row] = await sql<CrowdModelRow[]>`
    select version, shared, fitted_on as "fittedOn" from crowd_models where campaign_id = ${campaignId}`;
  return row;
}

/** The tables of these annotators, as of one fit; whoever it did not know is missing. */
export async function crowdTables(
  sql: Queryable,
  query: { campaignId: string; version: number; annotatorIds: readonly string[] },
): Promise<Map<string, number[]>> {
  const rows = await sql<{ annotatorId: string; logAnswer: number[] }[]>`
    select annotator_id as "annotatorId", log_answer as "logAnswer" from crowd_annotators
    where campaign_id = ${query.campaignId} and version = ${query.version}
      and annotator_id = any(${query.annotatorIds as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.annotatorId, row.logAnswer]));
}

/** Replaces the model of a campaign's crowd as a whole. */
export async function storeCrowdModel(
  db: Db,
  fit: {
    campaignId: string;
    shared: SharedModel;
    fittedOn: number;
    tables: readonly { annotatorId: string; logAnswer: readonly number[] }[];
    correlations: readonly NamedCorrelation[];
  },
): Promise<void> {
  await db.begin(async (tx) => {
    const [row] = await tx<{ version: number }[]>`
      insert into crowd_models (campaign_id, version, shared, fitted_on)
      values (${fit.campaignId}, 1, ${json(tx, fit.shared)}, ${fit.fittedOn})
      on conflict (campaign_id) do update set version = crowd_models.version + 1, shared = excluded.shared,
        fitted_on = excluded.fitted_on, fitted_at = now()
      returning version`;
    // As JSON: PostgreSQL has no arrays of arrays, and the driver no binary form for them.
    await tx`
      insert into crowd_annotators (campaign_id, annotator_id, version, log_answer)
      select ${fit.campaignId}, each."annotatorId", ${row?.version ?? 1}, each."logAnswer"
      from jsonb_to_recordset(${json(tx, fit.tables)}) as each("annotatorId" uuid, "logAnswer" float8[])
      on conflict (campaign_id, annotator_id) do update set version = excluded.version, log_answer = excluded.log_answer`;
    await storeCorrelations(tx, fit.campaignId, fit.correlations);
  });
}

export interface CrowdAnswer {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly label: unknown;
}

/** How many answers count in a campaign, gold included; not those that were taken out of all decisions. */
export async function countCountedAnswers(sql: Queryable, campaignId: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from annotations where campaign_id = ${campaignId} and counted and excluded_at is null`;
  return row?.n ?? 0;
}

/** The newest counted answers of a campaign that were not taken out, gold included but no repeats: what annotators are judged by. In chunks. */
export function countedAnswers(
  db: Db,
  query: { campaignId: string; limit: number; chunk: number },
): AsyncIterable<CrowdAnswer[]> {
  return db<CrowdAnswer[]>`
    select n.task_id as "taskId", n.annotator_id as "annotatorId", l.label
    from annotations n join annotation_labels l on l.annotation_id = n.id
    where n.campaign_id = ${query.campaignId} and n.counted and n.excluded_at is null
      and n.task_id not in (select id from tasks where campaign_id = ${query.campaignId} and kind = 'repeat')
    order by n.submitted_at desc
    limit ${query.limit}`.cursor(query.chunk);
}
