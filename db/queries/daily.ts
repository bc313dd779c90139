import { only, type Queryable } from '../client.ts';
import { holdsSlot } from './leases.ts';

/** What an annotator answered today (UTC) in a campaign, and holds of it now. */
export async function leasesToday(sql: Queryable, query: { annotatorId: string; campaignId: string }): Promise<number> {
  const { n } = only(
    await sql<{ n: number }[]>`
      select (select count(*) from annotations
          where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId}
            and submitted_at >= date_trunc('day', now()))::int
        + (select count(*) from assignments a
          where a.annotator_id = ${query.annotatorId} and a.state = 'leased' and a.campaign_id = ${query.campaignId}
            and a.expires_at > now() and ${holdsSlot(sql)})::int as n`,
  );
  return n;
}
