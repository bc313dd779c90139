import { only, type Queryable } from '../client.ts';
import { heldCount } from './leases.ts';

/** What an annotator answered today (UTC) in a campaign, and holds of it now. */
export async function leasesToday(sql: Queryable, query: { annotatorId: string; campaignId: string }): Promise<number> {
  const { n } = only(
    await sql<{ n: number }[]>`
      select (select count(*) from annotations
          where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId}
            and submitted_at >= date_trunc('day', now()))::int
        + ${heldCount(sql, query)} as n`,
  );
  return n;
}
