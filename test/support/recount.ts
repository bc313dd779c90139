import type { Db } from '../../db/client.ts';
import { type CampaignCounts, campaignCounts, type RoundProgress, roundProgress } from '../../db/queries/tallies.ts';

interface Counted {
  readonly counts: CampaignCounts;
  readonly rounds: ReadonlyMap<number, RoundProgress>;
}

/** What a campaign's tallies say, and what counting everything does, in one snapshot. */
export async function recounted(db: Db, campaignId: string): Promise<{ tallied: Counted; counted: Counted }> {
  return db.begin('isolation level repeatable read read only', async (tx) => {
    const rounds = await tx<(RoundProgress & { round: number })[]>`
      select round, count(*) filter (where state in ('planned', 'open'))::int as open,
        count(*) filter (where state = 'adjudicating')::int as adjudicating,
        count(*) filter (where state = 'decided')::int as decided,
        count(*) filter (where state = 'adjudicated')::int as adjudicated,
        count(*) filter (where state = 'unresolved')::int as unresolved,
        count(*) filter (where state = 'cancelled')::int as cancelled
      from tasks where campaign_id = ${campaignId} and kind = 'work' group by round`;
    const inAll = (state: keyof RoundProgress) => rounds.reduce((sum, each) => sum + each[state], 0);
    const tallied = {
      counts: await campaignCounts(tx, campaignId),
      rounds: await roundProgress(tx, campaignId, 0),
    };
    const [rest] = await tx<CampaignCounts[]>`
      select (select count(*) from items where campaign_id = ${campaignId} and state = 'pool')::int as pool,
        (select count(*) from items where campaign_id = ${campaignId} and state in ('gold', 'honeypot'))::int as gold,
        (select count(*) from items where campaign_id = ${campaignId} and state = 'model')::int as "modelLabels",
        (select count(*) from annotations n join tasks t on t.id = n.task_id
          where n.campaign_id = ${campaignId} and t.kind = 'work')::int as annotations,
        (select count(*) from annotations n join tasks t on t.id = n.task_id
          where n.campaign_id = ${campaignId} and t.kind in ('gold', 'honeypot'))::int as "goldAnnotations",
        (select count(*) from assignments
          where campaign_id = ${campaignId} and state in ('expired', 'late'))::int as "expiredLeases",
        (select count(*) from task_events e join tasks t on t.id = e.task_id
          where t.campaign_id = ${campaignId} and e.detail = 'window ended')::int as "windowsElapsed"`;
    if (!rest) throw new Error('Counting returned no row.');
    const counts = {
      ...rest,
      tasksOpen: inAll('open') + inAll('adjudicating'),
      tasksAdjudicating: inAll('adjudicating'),
      tasksDecided: inAll('decided') + inAll('adjudicated'),
      tasksAdjudicated: inAll('adjudicated'),
      tasksUnresolved: inAll('unresolved'),
      tasksCancelled: inAll('cancelled'),
      // A task that is opened again begins its ladder anew: there is nothing else that these could be counted from.
      escalations: tallied.counts.escalations,
    };
    return { tallied, counted: { counts, rounds: new Map(rounds.map(({ round, ...each }) => [round, each])) } };
  });
}
