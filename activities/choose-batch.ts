import { createHash } from 'node:crypto';
import type { Db } from '../db/client.ts';
import type { KeptSelection } from '../db/queries/kept-selections.ts';
import { autoLabelingOf } from '../db/queries/model-labels.ts';
import * as selection from '../db/queries/selection.ts';
import { classProbabilities } from '../domain/learning/campaign-model.ts';
import { sliceRange, sliceWanted } from '../domain/learning/evaluation-slice.ts';
import { floatBytes } from '../domain/learning/float-bytes.ts';
import type { ItemRows } from '../domain/learning/item-rows.ts';
import { rowNorms } from '../domain/learning/sparse.ts';
import { type StrategyName, strategyOf } from '../domain/learning/strategy-names.ts';
import { seededRng } from '../domain/rng.ts';
import { type CampaignSettings, taskWorstCaseMicros } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { createFeatureStore } from './feature-store.ts';
import type { createOwnModel } from './own-model.ts';
import { type StoredModel, storedModel } from './stored-model.ts';
import { apart, type Wanted } from './threads/apart.ts';
import { whileWanted } from './threads/while-wanted.ts';
import { unlessUnavailable } from './vector-store.ts';

/** Candidates looked at in one selection: a random part of a larger pool, so that a round costs the same at any size. */
const MAX_CANDIDATES = 5000;
/** Enough for a first batch to be diverse; annotators wait for that one, the others are chosen while they work. */
const FIRST_CANDIDATES = 1000;
/** At least so many candidates for each item of the batch. */
const FACTOR = 2;
/** Chosen items a new batch keeps its distance from: of more, half are the newest and half any. */
const MAX_REFERENCE = 2000;
/** Of a model that is asked over the network, which takes its time. */
const MAX_ASKED = 1000;

export type BatchChooser = ReturnType<typeof createChooser>;

/** All that a choice is made from, beside the campaign's settings and what its items show. */
export interface ChoiceInputs {
  /** `random` takes the first candidates. */
  readonly strategy: StrategyName;
  readonly seed: string;
  readonly wanted: number;
  /** In the order in which they were drawn. */
  readonly candidates: readonly string[];
  /** What the batch keeps its distance from. */
  readonly reference: readonly string[];
  /** What a model of the requester's own says of the candidates. */
  readonly probabilities?: Float32Array | undefined;
  readonly fitted?: StoredModel | undefined;
  readonly spaceVersion?: number | undefined;
  /** Why the model or vectors have no part in it. */
  readonly note?: string | undefined;
}

/** An item with why it was chosen. */
export interface ChosenItem {
  readonly itemId: string;
  readonly selection: Readonly<Record<string, unknown>>;
}

/** Chooses items of a campaign's pool: to measure its model on, and to teach it. */
export function createChooser(given: {
  readonly db: Db;
  readonly features: ReturnType<typeof createFeatureStore>;
  readonly ownModel: ReturnType<typeof createOwnModel>;
}) {
  const { db, features, ownModel } = given;

  /** Makes a choice: the same inputs give the same, as long as the same numerics run. Or says why there are no vectors. */
  async function choose(
    campaignId: string,
    settings: CampaignSettings,
    inputs: ChoiceInputs,
    wanted: Wanted,
  ): Promise<{ chosen: ChosenItem[]; spaceVersion?: number } | { unavailable: string }> {
    const { strategy, seed, candidates, reference, fitted, note } = inputs;
    const noted = note === undefined ? {} : { model: note };
    if (strategy === 'random') {
      const chosen = candidates.slice(0, inputs.wanted);
      return { chosen: chosen.map((itemId, rank) => ({ itemId, selection: { strategy, seed, rank, ...noted } })) };
    }
    const target = getTaskType(settings.type).modelTarget(settings.config);
    // Choosing goes on in the space of the newest model, also when another was learnt for the next one.
    const space = { campaignId, settings, spaceVersion: fitted?.spaceVersion ?? inputs.spaceVersion };
    const rows = await unlessUnavailable(async () => ({
      open: await features.rowsOf(space, candidates, wanted),
      chosenBefore: await features.rowsOf(space, reference, wanted),
    }));
    if ('unavailable' in rows) return rows;
    const { open, chosenBefore } = rows;
    // One from before the space was learnt speaks of other columns.
    const model = fitted?.model.cols === open.matrix.cols ? fitted.model : undefined;
    const ofOwn = inputs.probabilities && Float64Array.from(inputs.probabilities);
    const batch = await apart(
      'choose',
      {
        ...strategyOf(strategy),
        n: inputs.wanted,
        candidates: {
          count: candidates.length,
          probabilities: ofOwn ?? (model && classProbabilities(target, open, model)),
          norms: rowNorms(open.matrix),
          intercept: open.spread !== undefined,
          ...strategyRows(open),
        },
        labeled: {
          count: reference.length,
          // Before their labels are in, what the model thinks of items on their way says how much they will teach.
          probabilities: model && classProbabilities(target, chosenBefore, model),
          ...strategyRows(chosenBefore),
        },
        seed: `${seed}:batch`,
      },
      wanted,
    );
    const chosen = Array.from(batch.chosen, (at, rank) => ({
      itemId: candidates[at] ?? '',
      selection: {
        ...{ strategy, seed, rank, candidates: candidates.length },
        ...{ ...noted, ...batch.instead, ...batch.scores[rank] },
      },
    }));
    return { chosen, spaceVersion: open.spaceVersion };
  }

  /** Without copies of what was chosen before, however long ago, as far as `least` others are left. */
  async function withoutCopies(campaignId: string, ids: readonly string[], least: number): Promise<readonly string[]> {
    const copies = new Set(await selection.copiesOfChosen(db, campaignId, ids));
    const others = ids.filter((id) => !copies.has(id));
    return others.length >= least ? others : [...others, ...ids.filter((id) => copies.has(id))].slice(0, least);
  }

  /** Nothing else is left than what of the slice the model is not sure of: no random sample. */
  async function isLeftByModel(campaignId: string, aside: selection.Places): Promise<boolean> {
    const labeling = await autoLabelingOf(db, campaignId);
    return typeof labeling?.threshold === 'number' && selection.isRest(db, campaignId, aside);
  }

  return {
    /** A random sample of all items, of which none was ever left over by active choice. */
    async slice(
      campaignId: string,
      settings: CampaignSettings,
      seed: string,
      batch: { have: { tasks: number; inSlice: number }; count: number; evaluationMicros: bigint | undefined },
    ) {
      const { evaluation } = settings;
      const { have, evaluationMicros } = batch;
      if (!evaluation || evaluationMicros === undefined) return [];
      const aside = sliceOf(campaignId, settings.seed, evaluation.share);
      if (settings.autoLabel && (await isLeftByModel(campaignId, aside))) return [];
      const taskMicros = taskWorstCaseMicros(settings);
      const room = await selection.sliceRoom(db, { campaignId, evaluationMicros, taskWorstCaseMicros: taskMicros });
      const count = Math.min(room, sliceWanted(evaluation.share, have, batch.count));
      const ids = await selection.poolAt(db, campaignId, aside, count);
      return ids.map((itemId, rank) => ({
        itemId,
        selection: { strategy: 'evaluation', seed, rank },
        purpose: 'evaluation' as const,
      }));
    },

    /** Ranks pool items by the campaign's strategy; fewer than `count` when the pool has no more. Says what by. */
    async training(
      campaignId: string,
      settings: CampaignSettings,
      count: number,
      seed: string,
    ): Promise<{ chosen: ChosenItem[]; inputs: ChoiceInputs }> {
      const rng = seededRng(seed);
      const from = rng.int(2 ** 31);
      const { evaluation } = settings;
      const aside = evaluation ? sliceOf(campaignId, settings.seed, evaluation.share) : undefined;
      const sample = (limit: number) => selection.samplePool(db, { campaignId, from, limit, aside });
      const wanted = whileWanted();
      const byChance = async (candidates: readonly string[], note?: string) => {
        const inputs: ChoiceInputs = { strategy: 'random', seed, wanted: count, candidates, reference: [], note };
        const choice = await choose(campaignId, settings, inputs, wanted);
        return { chosen: 'chosen' in choice ? choice.chosen : [], inputs };
      };
      // When all else is labelled, what the slice did not need is work like any other; but by chance, as what is left of it
      // still measures the model.
      const ofSlice = async () => byChance(await selection.samplePool(db, { campaignId, from, limit: count }));
      if (settings.strategy === 'random') {
        const ids = await sample(count);
        return ids.length > 0 ? byChance(ids) : ofSlice();
      }
      const own = ownModel(settings);
      const asks =
        (settings.model && 'http' in settings.model) || (settings.features && !('vectors' in settings.features));
      const reference = await selection.chosenItems(db, { campaignId, from: rng.next(), limit: MAX_REFERENCE });
      const most = asks ? MAX_ASKED : reference.length === 0 ? FIRST_CANDIDATES : MAX_CANDIDATES;
      const sampled = await sample(Math.max(most, FACTOR * count));
      if (sampled.length === 0) return ofSlice();
      const candidates = await withoutCopies(campaignId, sampled, count);
      const told = await own?.(candidates, wanted);
      const inputs: ChoiceInputs = {
        ...{ strategy: settings.strategy, seed, wanted: count, candidates, reference },
        fitted: own ? undefined : await storedModel(db, campaignId),
        probabilities: told && 'probabilities' in told ? Float32Array.from(told.probabilities) : undefined,
        // A diverse choice is made without it, and says so.
        note: told && 'unavailable' in told ? `not heard: ${told.unavailable}` : undefined,
      };
      const choice = await choose(campaignId, settings, inputs, wanted);
      if ('unavailable' in choice) return byChance(candidates, `no vectors: ${choice.unavailable}`);
      return { chosen: choice.chosen, inputs: { ...inputs, spaceVersion: choice.spaceVersion } };
    },

    choose,
  };
}

/** What is kept of a choice, so that it can be made again, with the digest of all of it. */
export function keptOf(inputs: ChoiceInputs): KeptSelection & { readonly digest: string } {
  const { strategy, wanted, candidates, reference, fitted, spaceVersion, note } = inputs;
  return {
    ...{ strategy, wanted, candidates, reference },
    probabilities: inputs.probabilities ? floatBytes(inputs.probabilities) : null,
    modelRound: fitted?.round ?? null,
    spaceVersion: spaceVersion ?? null,
    note: note ?? null,
    digest: digestOf(inputs),
  };
}

/** SHA-256 of all that a choice was made from: of the model its bytes, of items and the space their names. */
export function digestOf(inputs: ChoiceInputs): string {
  const { strategy, seed, wanted, candidates, reference, fitted, spaceVersion, note, probabilities } = inputs;
  const named = { strategy, seed, wanted, candidates, reference, spaceVersion, note, modelRound: fitted?.round };
  const hash = createHash('sha256').update(JSON.stringify(named));
  for (const bytes of [fitted?.bytes, probabilities && floatBytes(probabilities)]) {
    hash.update(`\n${bytes?.byteLength ?? '-'}\n`).update(bytes ?? '');
  }
  return hash.digest('hex');
}

/** Seed of all that is drawn for a round. */
export const seedOf = (settings: CampaignSettings, campaignId: string, round: number) =>
  `${settings.seed}:${campaignId}:${round}`;

/** The places that are set aside to measure the model on. */
export const sliceOf = (campaignId: string, seed: string, share: number) => sliceRange(`${seed}:${campaignId}`, share);

function strategyRows({ dense, dims, words }: ItemRows) {
  const rows = words && { matrix: words, rows: Array.from({ length: words.rows }, (_, row) => row) };
  return { dense, dims, ...(rows ? { words: rows } : {}) };
}
