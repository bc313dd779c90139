import type { Queryable } from '../client.ts';
import { believedS } from './pay-floors.ts';

/** A person's answer to a gold. */
export interface GoldAnswerRow {
  readonly taskId: string;
  readonly annotatorId: string;
  readonly right: boolean;
  readonly label: unknown;
  /** Null where nobody said. */
  readonly seconds: number | null;
}

/** Newest answers that are looked at. */
const WINDOW = 20_000;

/** What people have answered to the golds of a campaign, as it was graded and counts: newest first. */
export async function pilotAnswers(sql: Queryable, campaignId: string): Promise<GoldAnswerRow[]> {
  return sql<GoldAnswerRow[]>`
    select n.task_id as "taskId", n.annotator_id as "annotatorId", l.label, ${believedS(sql)} as seconds,
      'gold_incorrect' <> all(n.flags) as right
    from (
      select id, task_id, annotator_id, assignment_id, submitted_at, time_spent_s, flags from annotations
      where campaign_id = ${campaignId} and assessed_at is not null and excluded_at is null order by submitted_at desc limit ${WINDOW}
    ) n
    join tasks t on t.id = n.task_id and t.kind in ('gold', 'honeypot')
    join annotation_labels l on l.annotation_id = n.id
    join assignments a on a.id = n.assignment_id
    join annotators w on w.id = n.annotator_id and w.kind = 'person'
    order by n.id desc`;
}
