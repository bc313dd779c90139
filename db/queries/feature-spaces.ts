import { only, type Queryable } from '../client.ts';

/** The campaign's space as bytes, made and stored by whoever asks first. */
export async function textSpace(
  sql: Queryable,
  campaignId: string,
  make: () => Promise<{ space: Uint8Array; fittedOn: number }>,
): Promise<Uint8Array> {
  const read = () => sql<{ space: Uint8Array }[]>`
    select space from feature_spaces where campaign_id = ${campaignId} and space is not null`;
  const [known] = await read();
  if (known) return known.space;
  const { space, fittedOn } = await make();
  // A campaign from before spaces were learnt has weights of words alone.
  await sql`
    insert into feature_spaces (campaign_id, space, fitted_on) values (${campaignId}, ${space}, ${fittedOn})
    on conflict (campaign_id) do update set space = excluded.space, fitted_on = excluded.fitted_on
    where feature_spaces.space is null`;
  return only(await read()).space;
}
