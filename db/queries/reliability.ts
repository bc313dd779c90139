import type { NamedCorrelation } from '../../domain/aggregation/reliability/peer-reliability.ts';
import { type Db, json, type Queryable } from '../client.ts';
import { storeCorrelations } from './correlations.ts';

export interface ReliabilityModelRow {
  readonly version: number;
  readonly crowd: number;
  /** How alike labels of different tasks are; null in models from before it was kept. */
  readonly chance: number | null;
  /** By scale; null for labels that are no scores, and in models from before it was learnt. */
  readonly variance: Readonly<Record<string, number>> | null;
  readonly fittedOn: number;
}

/** Scores by criterion. */
export type Leniency = Readonly<Record<string, number>>;

export interface AnnotatorReliability {
  readonly annotatorId: string;
  readonly reliability: number;
  readonly leniency: Leniency | null;
}

/** The newest model of how reliable a campaign's annotators are. */
export async function findReliabilityModel(
  sql: Queryable,
  campaignId: string,
): Promise<ReliabilityModelRow | undefined> {
  const [row] = await sql<ReliabilityModelRow[]>`
    select version, crowd::float8 as crowd, chance, variance, fitted_on as "fittedOn" from reliability_models
    where campaign_id = ${campaignId}`;
  return row;
}

/** What one fit says of these annotators; whoever it did not know is missing. */
export async function reliabilitiesOf(
  sql: Queryable,
  query: { campaignId: string; version: number; annotatorIds: readonly string[] },
): Promise<Map<string, AnnotatorReliability>> {
  const rows = await sql<AnnotatorReliability[]>`
    select annotator_id as "annotatorId", reliability::float8 as reliability, leniency from annotator_reliabilities
    where campaign_id = ${query.campaignId} and version = ${query.version}
      and annotator_id = any(${query.annotatorIds as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.annotatorId, row]));
}

/** Replaces the model as a whole. */
export async function storeReliabilities(
  db: Db,
  fit: Omit<ReliabilityModelRow, 'version'> & {
    readonly campaignId: string;
    readonly annotators: readonly AnnotatorReliability[];
    readonly correlations: readonly NamedCorrelation[];
  },
): Promise<void> {
  await db.begin(async (tx) => {
    const [row] = await tx<{ version: number }[]>`
      insert into reliability_models as m (campaign_id, version, crowd, chance, variance, fitted_on)
      values (${fit.campaignId}, 1, ${fit.crowd}, ${fit.chance}, ${fit.variance && json(tx, fit.variance)}, ${fit.fittedOn})
      on conflict (campaign_id) do update set version = m.version + 1, crowd = excluded.crowd, chance = excluded.chance,
        variance = excluded.variance, fitted_on = excluded.fitted_on, fitted_at = now()
      returning version`;
    await tx`
      insert into annotator_reliabilities (campaign_id, annotator_id, version, reliability, leniency)
      select ${fit.campaignId}, each."annotatorId", ${row?.version ?? 1}, each.reliability, each.leniency
      from jsonb_to_recordset(${json(tx, fit.annotators)}) as each("annotatorId" uuid, reliability float8, leniency jsonb)
      on conflict (campaign_id, annotator_id) do update set version = excluded.version,
        reliability = excluded.reliability, leniency = excluded.leniency`;
    await storeCorrelations(tx, fit.campaignId, fit.correlations);
  });
}

/** The known answers of a campaign's golds, by task. */
export async function knownAnswers(sql: Queryable, campaignId: string): Promise<Map<string, unknown>> {
  const rows = await sql<{ taskId: string; label: unknown }[]>`
    select t.id as "taskId", g.label from tasks t join gold_answers g on g.item_id = t.item_id
    where t.campaign_id = ${campaignId} and t.kind <> 'work'`;
  return new Map(rows.map(({ taskId, label }) => [taskId, label]));
}
