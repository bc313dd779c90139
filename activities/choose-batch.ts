import type { Db } from '../db/client.ts';
import * as selection from '../db/queries/selection.ts';
import { classProbabilities } from '../domain/learning/campaign-model.ts';
import { sliceRange, sliceWanted } from '../domain/learning/evaluation-slice.ts';
import type { ItemRows } from '../domain/learning/item-rows.ts';
import { rowNorms } from '../domain/learning/sparse.ts';
import { seededRng } from '../domain/rng.ts';
import { type CampaignSettings, taskWorstCaseMicros } from '../domain/settings.ts';
import { getTaskType } from '../domain/tasks/index.ts';
import type { createFeatureStore } from './feature-store.ts';
import type { createOwnModel } from './own-model.ts';
import { newestModel } from './stored-model.ts';
import { apart } from './threads/apart.ts';
import { whileWanted } from './threads/while-wanted.ts';
import { unlessUnavailable } from './vector-store.ts';

/** Candidates looked at in one selection: a random part of a larger pool, so that a round costs the same at any size. */
const MAX_CANDIDATES = 5000;
/** Enough for a first batch to be diverse; annotators wait for that one, the others are chosen while they work. */
const FIRST_CANDIDATES = 1000;
/** At least so many candidates for each item of the batch. */
const FACTOR = 2;
/** Chosen items a new batch keeps its distance from, newest first. */
const MAX_REFERENCE = 2000;
/** Of a model that is asked over the network, which takes its time. */
const MAX_ASKED = 1000;

export type BatchChooser = ReturnType<typeof createChooser>;

/** Chooses items of a campaign's pool: to measure its model on, and to teach it. */
export function createChooser(given: {
  readonly db: Db;
  readonly features: ReturnType<typeof createFeatureStore>;
  readonly ownModel: ReturnType<typeof createOwnModel>;
}) {
  const { db, features, ownModel } = given;
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
      const taskMicros = taskWorstCaseMicros(settings);
      const room = await selection.sliceRoom(db, { campaignId, evaluationMicros, taskWorstCaseMicros: taskMicros });
      const count = Math.min(room, sliceWanted(evaluation.share, have, batch.count));
      const ids = await selection.poolAt(db, campaignId, sliceOf(campaignId, settings.seed, evaluation.share), count);
      return ids.map((itemId, rank) => ({
        itemId,
        selection: { strategy: 'evaluation', seed, rank },
        purpose: 'evaluation' as const,
      }));
    },

    /** Ranks pool items by the campaign's strategy; fewer than `count` when the pool has no more. */
    async training(campaignId: string, settings: CampaignSettings, count: number, seed: string) {
      const rng = seededRng(seed);
      const from = rng.int(2 ** 31);
      const { evaluation } = settings;
      const aside = evaluation ? sliceOf(campaignId, settings.seed, evaluation.share) : undefined;
      const sample = (limit: number) => selection.samplePool(db, { campaignId, from, limit, aside });
      const byChance = (ids: readonly string[]) => ids.map((itemId) => ({ itemId, selection: { strategy: 'random' } }));
      // When all else is labelled, what the slice did not need is work like any other; but by chance, as what is left of it
      // still measures the model.
      const ofSlice = async () => byChance(await selection.samplePool(db, { campaignId, from, limit: count }));
      if (settings.strategy === 'random') {
        const ids = await sample(count);
        return ids.length > 0 ? byChance(ids) : ofSlice();
      }
      const type = getTaskType(settings.type);
      const target = type.modelTarget(settings.config);
      const own = ownModel(settings);
      const asks =
        (settings.model && 'http' in settings.model) || (settings.features && 'embeddings' in settings.features);
      const reference = await selection.chosenItems(db, campaignId, MAX_REFERENCE);
      const most = asks ? MAX_ASKED : reference.length === 0 ? FIRST_CANDIDATES : MAX_CANDIDATES;
      const candidates = await sample(Math.max(most, FACTOR * count));
      if (candidates.length === 0) return ofSlice();
      const wanted = whileWanted();
      // Choosing goes on in the space of the newest model, also when another was learnt for the next one.
      const newest = own ? undefined : await newestModel(db, campaignId);
      const space = { campaignId, settings, spaceVersion: newest?.spaceVersion };
      const rows = await unlessUnavailable(async () => ({
        open: await features.rowsOf(space, candidates, wanted),
        chosenBefore: await features.rowsOf(space, reference, wanted),
      }));
      if ('unavailable' in rows) {
        const selection = { strategy: 'random', seed, model: `no vectors: ${rows.unavailable}` };
        return candidates.slice(0, count).map((itemId, rank) => ({ itemId, selection: { ...selection, rank } }));
      }
      const { open, chosenBefore } = rows;
      // One from before the space was learnt speaks of other columns.
      const model = newest?.model.cols === open.matrix.cols ? newest.model : undefined;
      const told = await own?.(candidates, wanted);
      const ofOwn = told && 'probabilities' in told ? told.probabilities : undefined;
      // A diverse choice is made without it, and says so.
      const without = told && 'unavailable' in told ? { model: `not heard: ${told.unavailable}` } : {};
      const batch = await apart(
        'choose',
        {
          strategy: settings.strategy,
          n: count,
          candidates: {
            count: candidates.length,
            probabilities: ofOwn ?? (model && classProbabilities(target, open.matrix, model)),
            norms: rowNorms(open.matrix),
            ...strategyRows(open),
          },
          labeled: {
            count: reference.length,
            // Before their labels are in, what the model thinks of items on their way says how much they will teach.
            probabilities: model && classProbabilities(target, chosenBefore.matrix, model),
            ...strategyRows(chosenBefore),
          },
          seed: `${seed}:batch`,
        },
        wanted,
      );
      return Array.from(batch.chosen, (at, rank) => ({
        itemId: candidates[at] ?? '',
        selection: {
          strategy: settings.strategy,
          seed,
          rank,
          candidates: candidates.length,
          ...without,
          ...batch.scores[rank],
        },
      }));
    },
  };
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
