import { json, type Queryable } from '../client.ts';

export interface RulingRow {
  readonly id: string;
  readonly taskId: string;
  readonly label: unknown;
  readonly ruledBy: string;
}

/** Stores an expert's ruling, once; it takes effect when the task's workflow carries it out. */
export async function insertRuling(
  sql: Queryable,
  ruling: { id: string; taskId: string; label: unknown; ruledBy: string; note?: string | undefined },
): Promise<string> {
  const { id } = ruling;
  await sql`
    insert into rulings (id, task_id, label, ruled_by, note)
    values (${id}, ${ruling.taskId}, ${json(sql, ruling.label)}, ${ruling.ruledBy}, ${ruling.note ?? null})
    on conflict (id) do nothing`;
  return id;
}

/** One ruling. */
export async function findRuling(sql: Queryable, id: string): Promise<RulingRow | undefined> {
  const [row] = await sql<RulingRow[]>`
    select id, task_id as "taskId", label, ruled_by as "ruledBy" from rulings where id = ${id}`;
  return row;
}
