import type { Queryable } from '../client.ts';

/** What an organisation owns and requests name by id. */
export const OWNED = ['campaign', 'task', 'annotator', 'appeal'] as const;
export type Owned = (typeof OWNED)[number];

/** The organisation whose a thing is; undefined when there is no such thing. It never changes. */
export async function organisationOf(sql: Queryable, what: Owned, id: string): Promise<string | undefined> {
  const campaignOf = (table: 'tasks' | 'gold_appeals') => sql`
    select c.organisation_id from ${sql(table)} x join campaigns c on c.id = x.campaign_id where x.id = ${id}`;
  const query = {
    campaign: () => sql`select organisation_id from campaigns where id = ${id}`,
    annotator: () => sql`select organisation_id from annotators where id = ${id}`,
    task: () => campaignOf('tasks'),
    appeal: () => campaignOf('gold_appeals'),
  }[what];
  const [row] = await sql<{ organisation_id: string }[]>`${query()}`;
  return row?.organisation_id;
}
