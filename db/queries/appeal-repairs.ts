import { v7 as uuidv7 } from 'uuid';
import { json, type Tx } from '../client.ts';
import { storeBonus } from './adjustments.ts';
import { lockRooms } from './limits.ts';
import { lockPay } from './payouts.ts';

const NOTE = 'The known answer was corrected: the answer is right.';

/**
 * Of people's answers that have turned right: deductions that are proposed are dismissed, and what was deducted is paid again,
 * once, of what the campaign has free, or owed until it has. What a vendor does not pay its worker for it does not pay for being right either.
 */
export async function undoDeductions(
  tx: Tx,
  given: { campaignId: string; annotationIds: readonly string[]; by: string },
): Promise<void> {
  const { campaignId, by } = given;
  const annotationIds = given.annotationIds as string[];
  const about = tx`a.annotation_id = any(${annotationIds}::uuid[]) and a.kind = 'deduction'
    and exists (select from annotators w where w.id = a.annotator_id and w.kind = 'person')`;
  if ((await tx`select 1 from pay_adjustments a where ${about} and a.state <> 'dismissed'`).length === 0) return;
  // The organisation, the deductions, the budget: as whoever rules on one locks them.
  const [campaign] = await tx<{ organisationId: string }[]>`
    select organisation_id as "organisationId" from campaigns where id = ${campaignId}`;
  if (campaign) await lockPay(tx, campaign.organisationId);
  await tx`
    update pay_adjustments a set state = 'dismissed', reviewed_by = ${by}, reviewed_at = now(), note = ${NOTE}
    where ${about} and a.state = 'proposed'`;
  const taken = await tx<{ annotatorId: string; annotationId: string; amountMicros: bigint }[]>`
    select a.annotator_id as "annotatorId", a.annotation_id as "annotationId", a.amount_micros as "amountMicros"
    from pay_adjustments a
    where ${about} and a.state = 'applied'
      and not exists (select from pay_adjustments b where b.annotation_id = a.annotation_id and b.kind = 'bonus')
    order by a.id`;
  if (taken.length === 0) return;
  let { cappedMicros: free } = await lockRooms(tx, campaignId);
  for (const each of taken) {
    const isOwed = each.amountMicros > free;
    await storeBonus(tx, { ...each, id: uuidv7(), campaignId, reason: NOTE, by, isOwed });
    if (!isOwed) free -= each.amountMicros;
  }
}

export interface DoubtedAnswer {
  readonly id: string;
  readonly annotatorId: string;
  readonly campaignId: string;
  readonly policyVersion: number;
  readonly flags: string[];
  /** Golds of the type, as they count before the correction. */
  readonly goldTotal: number;
  readonly goldCorrect: number;
}

/** Answers of these annotators to open tasks of a type that weigh less because they missed too many golds. */
export async function doubtedForGolds(
  tx: Tx,
  query: { annotatorIds: readonly string[]; taskType: string },
): Promise<DoubtedAnswer[]> {
  return tx<DoubtedAnswer[]>`
    select n.id, n.annotator_id as "annotatorId", n.campaign_id as "campaignId", t.policy_version as "policyVersion",
      n.flags, coalesce(s.gold_total, w.gold_total) as "goldTotal", coalesce(s.gold_correct, w.gold_correct) as "goldCorrect"
    from annotations n
    join tasks t on t.id = n.task_id and t.kind = 'work' and t.state in ('planned', 'open', 'adjudicating')
    join campaigns c on c.id = n.campaign_id and c.settings ->> 'type' = ${query.taskType}
    join annotators w on w.id = n.annotator_id
    left join annotator_standings s on s.annotator_id = n.annotator_id and s.task_type = ${query.taskType}
    where n.annotator_id = any(${query.annotatorIds as string[]}::uuid[]) and n.counted
      and 'below_gold_threshold' = any(n.flags)
    order by n.id for no key update of n`;
}

/** Stores what answers come to by now. */
export async function storeScores(
  tx: Tx,
  scores: readonly { id: string; score: number; flags: readonly string[] }[],
): Promise<void> {
  await tx`
    update annotations n set score = given.score, flags = given.flags
    from jsonb_to_recordset(${json(tx, scores)}) as given(id uuid, score float8, flags text[])
    where n.id = given.id`;
}
