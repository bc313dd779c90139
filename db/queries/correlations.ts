import type { NamedCorrelation } from '../../domain/aggregation/reliability/peer-reliability.ts';
import { json, type Queryable } from '../client.ts';

/** Replaces what is known of a campaign's annotators as voices. */
export async function storeCorrelations(
  tx: Queryable,
  campaignId: string,
  correlations: readonly NamedCorrelation[],
): Promise<void> {
  await tx`delete from annotator_correlations where campaign_id = ${campaignId}`;
  if (correlations.length === 0) return;
  await tx`
    insert into annotator_correlations (campaign_id, annotator_id, other_id, correlation)
    select ${campaignId}, each.a, each.b, each.correlation
    from jsonb_to_recordset(${json(tx, correlations)}) as each(a uuid, b uuid, correlation float8)`;
}

/** Those among these annotators. */
export async function correlationsOf(
  sql: Queryable,
  query: { campaignId: string; annotatorIds: readonly string[] },
): Promise<NamedCorrelation[]> {
  return sql<NamedCorrelation[]>`
    select annotator_id as a, other_id as b, correlation::float8 as correlation from annotator_correlations
    where campaign_id = ${query.campaignId} and annotator_id = any(${query.annotatorIds as string[]}::uuid[])
      and other_id = any(${query.annotatorIds as string[]}::uuid[])`;
}
