import { only, type Queryable } from '../client.ts';
import { heldCount } from './leases.ts';

/** Whether an annotator has answered today (UTC) in a campaign, and holds of it now, all that a day may have. */
export async function isAtDailyLimit(
  sql: Queryable,
  query: { annotatorId: string; campaignId: string; dailyLimit: number | undefined },
): Promise<boolean> {
  if (query.dailyLimit === undefined) return false;
  const { n } = only(
    await sql<{ n: number }[]>`
      select (select count(*) from annotations
          where annotator_id = ${query.annotatorId} and campaign_id = ${query.campaignId}
            and submitted_at >= date_trunc('day', now()))::int
        + ${heldCount(sql, query)} as n`,
  );
  return n >= query.dailyLimit;
}
