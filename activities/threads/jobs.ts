import { learnCrowd } from '../../domain/aggregation/crowd/learnt-crowd.ts';
import type { Ratings } from '../../domain/agreement/ratings.ts';
import { fitCampaignLine, fitCampaignModel, type ModelRows } from '../../domain/learning/campaign-model.ts';
import { type Shown, vectorRows } from '../../domain/learning/item-rows.ts';
import type { LatentLimits } from '../../domain/learning/latent.ts';
import { encodeModel, type LinearModel } from '../../domain/learning/linear-model.ts';
import type { SelectionRequest } from '../../domain/learning/selection.ts';
import { selectBatch } from '../../domain/learning/strategies.ts';
import type { SoftLabel } from '../../domain/learning/targets.ts';
import { learnTextSpace, type TextSpace, textRows } from '../../domain/learning/text-space.ts';
import { encodeTextSpace } from '../../domain/learning/text-space-bytes.ts';
import { plainMath, type VectorMath } from '../../domain/learning/vector-math.ts';
import { fitVectorSpace, type VectorSpace } from '../../domain/learning/vector-space.ts';
import { encodeVectorSpace } from '../../domain/learning/vector-space-bytes.ts';
import { weighAnswers } from '../../domain/learning/weigh-answers.ts';
import { seededRng } from '../../domain/rng.ts';
import type { ModelTarget } from '../../domain/tasks/task-type.ts';
import { sharedMath } from '../vectors/shared-math.ts';

let kept: VectorMath | undefined;
/** The kernel on this thread alone, which copies what it works on: so its memory stays small, and results can be sent. */
const ownMath = () => {
  kept ??= { ...sharedMath(0, 1), floats: plainMath.floats };
  return kept;
};

/** Heavy numerics that a thread of their own does: what goes in and comes out is plain data. */
export const JOBS = {
  /** Learns a space from texts; as bytes, as it is stored. */
  fitSpace: ({ texts, seed, limits }: { texts: readonly string[]; seed: string; limits: LatentLimits }) =>
    encodeTextSpace(learnTextSpace(texts, { seed, limits, math: sharedMath(0, 1) })),

  /** Likewise from vectors (rows x dims). */
  fitVectors: ({ vectors, dims, seed }: { vectors: Float32Array; dims: number; seed: string }) =>
    encodeVectorSpace(fitVectorSpace(vectors, dims, { seed, math: ownMath() })),

  /** Vectors as rows in a space, a row an item; `counts`: vectors of each. */
  readVectors: (given: { vectors: Float32Array; space: VectorSpace; shows: Shown; counts: readonly number[] }) =>
    vectorRows(given.vectors, given.space, { ...given, math: ownMath() }),

  /** Texts as rows in a space. */
  readTexts: ({ texts, space }: { texts: readonly string[]; space: TextSpace }) => textRows(texts, space),

  /** The model as bytes, as it is stored; null where the labels give it nothing to tell apart. */
  fitModel: (
    given: Required<ModelRows> & {
      target: ModelTarget;
      labels: readonly SoftLabel[];
      warmStart: LinearModel | undefined;
    },
  ) => {
    const model = fitCampaignModel(given.target, given, given.labels, given.warmStart);
    return model && encodeModel(model);
  },

  /** How its error falls with the labels. */
  fitLine: (
    given: ModelRows & {
      target: ModelTarget;
      labels: readonly SoftLabel[];
      measured: { rows: ModelRows; truths: readonly (string | number)[] };
    },
  ) => fitCampaignLine(given.target, given, given.labels, given.measured),

  choose: ({ seed, ...request }: Omit<SelectionRequest, 'rng' | 'math'> & { seed: string }) =>
    selectBatch({ ...request, rng: seededRng(seed), math: ownMath() }),

  /** What the next answer is worth, at decided items and at new ones. */
  weighAnswers,

  fitCrowd: ({ ratings, keys, known }: { ratings: Ratings; keys: readonly string[]; known: Int32Array }) =>
    learnCrowd(ratings, keys, { known }),
};

export type Jobs = typeof JOBS;
export type JobName = keyof Jobs;

/** What a thread is told, and what it answers. */
export interface JobMessage {
  readonly name: JobName;
  readonly input: unknown;
}
export type JobAnswer =
  | { readonly output: unknown }
  | { readonly failure: { readonly message: string; readonly code: string | undefined } };
