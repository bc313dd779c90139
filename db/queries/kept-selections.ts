import type { Queryable, Tx } from '../client.ts';

/** So many of a campaign's last rounds can be chosen again from what is stored. */
export const KEPT_ROUNDS = 10;

/** What the choice of a round was made from, beside the model, the space, and what items show. */
export interface KeptSelection {
  /** How it was made in the end. */
  readonly strategy: string;
  /** How many items were wanted. */
  readonly wanted: number;
  /** Items in the order in which they were drawn. */
  readonly candidates: readonly string[];
  readonly reference: readonly string[];
  /** What a model of the requester's own said of the candidates, as `floatBytes` makes them. */
  readonly probabilities: Uint8Array | null;
  readonly modelRound: number | null;
  readonly spaceVersion: number | null;
  /** Why the model or vectors had no part in it. */
  readonly note: string | null;
}

/** Keeps what a round was chosen from, and no more than the last rounds of it. */
export async function keepSelection(
  tx: Tx,
  { campaignId, round }: { campaignId: string; round: number },
  kept: KeptSelection,
): Promise<void> {
  await tx`
    insert into selections (campaign_id, round, strategy, wanted, candidates, reference, probabilities, model_round,
      space_version, note)
    values (${campaignId}, ${round}, ${kept.strategy}, ${kept.wanted}, ${idBytes(kept.candidates)},
      ${idBytes(kept.reference)}, ${kept.probabilities}, ${kept.modelRound}, ${kept.spaceVersion}, ${kept.note})`;
  await tx`delete from selections where campaign_id = ${campaignId} and round <= ${round - KEPT_ROUNDS}`;
}

/** What a round was chosen from, with its seed and its digest; undefined where that is not kept. */
export async function keptSelection(
  sql: Queryable,
  { campaignId, round }: { campaignId: string; round: number },
): Promise<(KeptSelection & { seed: string; digest: string }) | undefined> {
  type Row = Omit<KeptSelection, 'candidates' | 'reference'> & {
    candidates: Uint8Array;
    reference: Uint8Array;
    seed: string;
    digest: string;
  };
  const [row] = await sql<Row[]>`
    select s.strategy, s.wanted, s.candidates, s.reference, s.probabilities, s.model_round as "modelRound",
      s.space_version as "spaceVersion", s.note, r.seed, r.selection_digest as digest
    from selections s join rounds r on r.campaign_id = s.campaign_id and r.round = s.round
    where s.campaign_id = ${campaignId} and s.round = ${round} and r.selection_digest is not null`;
  return row && { ...row, candidates: idsOf(row.candidates), reference: idsOf(row.reference) };
}

/** Items of a round that were chosen to teach the model, with why. */
export async function chosenInRound(
  sql: Queryable,
  { campaignId, round }: { campaignId: string; round: number },
): Promise<{ itemId: string; selection: unknown }[]> {
  return sql<{ itemId: string; selection: unknown }[]>`
    select i.id as "itemId", i.selection from tasks t join items i on i.id = t.item_id
    where t.campaign_id = ${campaignId} and t.round = ${round} and t.kind = 'work' and t.purpose = 'training'
    order by t.id`;
}

/**
 * Lets go of models and spaces that no more than explain rounds from before the last ones: never the newest model nor its
 * space, nor what one of the kept selections was made from.
 */
export async function dropOldModels(tx: Tx, campaignId: string, round: number): Promise<void> {
  await tx`
    delete from models m
    where m.campaign_id = ${campaignId} and m.round <= ${round - KEPT_ROUNDS}
      and m.round < (select max(round) from models where campaign_id = m.campaign_id)
      and not exists (select from selections where campaign_id = m.campaign_id and model_round = m.round)`;
  await tx`
    delete from feature_spaces f
    where f.campaign_id = ${campaignId}
      and f.version < coalesce(
        (select space_version from models where campaign_id = f.campaign_id order by round desc limit 1),
        (select max(version) from feature_spaces where campaign_id = f.campaign_id))
      and not exists (select from models where campaign_id = f.campaign_id and space_version = f.version)
      and not exists (select from selections where campaign_id = f.campaign_id and space_version = f.version)`;
}

function idBytes(ids: readonly string[]): Uint8Array {
  return Buffer.from(ids.map((id) => id.replaceAll('-', '')).join(''), 'hex');
}

function idsOf(bytes: Uint8Array): string[] {
  const hex = Buffer.from(bytes).toString('hex');
  return Array.from({ length: bytes.byteLength / 16 }, (_, at) =>
    hex.slice(32 * at, 32 * (at + 1)).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  );
}
