import type { Ratings } from '../../agreement/ratings.ts';
import { QuorateError } from '../../failures.ts';
import { type Answers, groupAnswers } from './answers.ts';
import { concludeTable } from './conclude.ts';
import { confusionModel } from './confusion-model.ts';
import { type EmOptions, fitEm } from './em.ts';
import type { CrowdFit } from './fit.ts';
import { plainLoops } from './loops.ts';
import { majority } from './majority.ts';
import { type WorkerLabels, workerLabels } from './worker-labels.ts';

/** Most cells of a table: 160 MB, of which a fit holds several. */
const MAX_CELLS = 2e7;

/**
 * The Dawid-Skene model: worker w answers l to a task whose true label is k with probability `confusion[w][l][k]`. EM
 * from the majority vote; see `EmOptions` for where it stops. `skills` are the probabilities of a right answer, and
 * `history` is the log-likelihood.
 *
 * A. P. Dawid, A. M. Skene, "Maximum likelihood estimation of observer error-rates using the EM algorithm", Applied
 * Statistics 28 (1979). A step takes time (answers x labels). Throws `QuorateError` where its tables would not fit in
 * memory. With a single label there is nothing to fit: its majority.
 */
export function dawidSkene(ratings: Ratings, options: EmOptions = {}): CrowdFit {
  const method = 'dawid-skene';
  if (ratings.valueCount < 2) return { ...majority(ratings, options), method };
  const answers = groupAnswers(ratings);
  const pairs = workerLabels(answers);
  requireRoom(answers, pairs);
  const { loops = plainLoops } = options;
  const loop = loops.confusion(answers, pairs);
  const model = confusionModel(answers, pairs, loop);
  const { x, ...fit } = fitEm(model, answers.worker.length, options);
  const last = new Float64Array(x.length);
  model.step(x, last);
  const conclusion = concludeTable(ratings, answers, loop.posteriors(), options.seed);
  return { method, ...conclusion, skills: skillsOf(last, answers, pairs), ...fit };
}

/** The probability that each worker's answer is right: the diagonal weighted by the priors; 0 without answers. */
function skillsOf(x: Float64Array, answers: Answers, pairs: WorkerLabels): Float64Array {
  const { workerCount, labelCount: K } = answers;
  const priorAt = pairs.pairCount * K;
  const skills = new Float64Array(workerCount);
  for (let w = 0; w < workerCount; w++) {
    for (let p = pairs.start[w] as number; p < (pairs.start[w + 1] as number); p++) {
      const l = pairs.pairLabel[p] as number;
      skills[w] = (skills[w] as number) + (x[priorAt + l] as number) * (x[p * K + l] as number);
    }
  }
  return skills;
}

function requireRoom({ taskCount, labelCount }: Answers, { pairCount }: WorkerLabels): void {
  const cells = Math.max(taskCount, pairCount) * labelCount;
  if (cells <= MAX_CELLS) return;
  throw new QuorateError(
    'invalid_input',
    `Dawid-Skene would need a table of ${cells} cells for ${labelCount} labels, and ${MAX_CELLS} is the most; take one-coin, or fewer labels.`,
    { details: { tasks: taskCount, labels: labelCount, cells, most: MAX_CELLS } },
  );
}
