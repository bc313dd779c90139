import { type CostFigures, type SetFigures, withFigures } from '../../domain/cost/figures.ts';
import type { Db, Queryable } from '../client.ts';
import { greatestFloor } from './pay-floors.ts';

/** What an organisation has set of the cost model's figures. */
export async function figuresSetBy(sql: Queryable, organisationId: string): Promise<SetFigures> {
  const rows = await sql<{ name: string; millionths: bigint }[]>`
    select name, millionths from cost_figures where organisation_id = ${organisationId} order by name`;
  return new Map(rows.map(({ name, millionths }) => [name, millionths]));
}

/** The figures that an organisation's costs go by. */
export async function figuresOf(sql: Queryable, organisationId: string): Promise<CostFigures> {
  return withFigures(await figuresSetBy(sql, organisationId));
}

/** What an organisation's new campaigns pay where nobody says otherwise. */
export async function usualPay(
  sql: Queryable,
  organisationId: string,
): Promise<{ floorMicros: bigint; figures: CostFigures }> {
  const [floorMicros, figures] = await Promise.all([
    greatestFloor(sql, organisationId),
    figuresOf(sql, organisationId),
  ]);
  return { floorMicros, figures };
}

/** Replaces what an organisation has set. */
export async function setFigures(db: Db, organisationId: string, figures: SetFigures): Promise<void> {
  await db.begin(async (tx) => {
    await tx`select from organisations where id = ${organisationId} for update`;
    await tx`delete from cost_figures where organisation_id = ${organisationId}`;
    for (const [name, millionths] of figures) {
      await tx`
        insert into cost_figures (organisation_id, name, millionths) values (${organisationId}, ${name}, ${millionths})`;
    }
  });
}
