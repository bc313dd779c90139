import type { Ratings } from '../../agreement/ratings.ts';
import { type Answers, answersByWorker, groupAnswers } from './answers.ts';
import type { CellLoop, Expectation } from './cell-expectation.ts';
import { concludeCells } from './conclude.ts';
import { type EmModel, type EmOptions, fitEm } from './em.ts';
import type { CrowdFit } from './fit.ts';
import { plainLoops } from './loops.ts';
import { majority } from './majority.ts';
import { voteShares } from './shares.ts';

/** Least probability of a skill, its complement and a label: keeps logarithms finite. */
const FLOOR = 1e-10;

/**
 * The one-coin Dawid-Skene model: worker w is right with probability `skills[w]`, and a wrong answer is any of the
 * other labels with equal chance. EM from the majority vote; see `EmOptions` for where it stops.
 *
 * Y. Zhang, X. Chen, D. Zhou, M. I. Jordan, "Spectral methods meet EM", JMLR 17 (2016). Linear in the answers for any
 * number of labels. `history` is the log-likelihood. With a single label there is nothing to fit: its majority.
 */
export function oneCoin(ratings: Ratings, options: EmOptions = {}): CrowdFit {
  const method = 'one-coin';
  if (ratings.valueCount < 2) return { ...majority(ratings, options), method };
  const answers = groupAnswers(ratings);
  const { workerCount, worker } = answers;
  const { loops = plainLoops } = options;
  const expectation = loops.cells(answers, worker, workerCount);
  const model = oneCoinModel(answers, expectation);
  const { x, ...fit } = fitEm(model, worker.length, options);
  const last = new Float64Array(x.length);
  model.step(x, last);
  const posterior = { ...expectation, prior: x.subarray(workerCount) };
  const conclusion = concludeCells(ratings, answers, posterior, options);
  return { method, ...conclusion, skills: last.slice(0, workerCount), ...fit };
}

/** Its parameters: the workers' skills, then the labels' prior probabilities. */
function oneCoinModel(answers: Answers, expectation: CellLoop): EmModel {
  const { workerCount, labelCount } = answers;
  const given = answersByWorker(answers);
  const base = new Float64Array(workerCount);
  const gain = new Float64Array(workerCount);
  const wrong = (skill: number) => Math.log((1 - skill) / (labelCount - 1));

  const project = (x: Float64Array) => {
    for (let w = 0; w < workerCount; w++) x[w] = Math.min(1 - FLOOR, Math.max(FLOOR, x[w] as number));
    let total = 0;
    for (let at = workerCount; at < x.length; at++) total += x[at] = Math.max(0, x[at] as number);
    let floored = 0;
    for (let at = workerCount; at < x.length; at++) {
      floored += x[at] = Math.max(FLOOR / labelCount, (x[at] as number) / total);
    }
    // What the floor adds is taken off all, or probabilities would come to more than 1.
    if (floored > 1) for (let at = workerCount; at < x.length; at++) x[at] = (x[at] as number) / floored;
  };
  const maximise = (to: Float64Array) => {
    for (let w = 0; w < workerCount; w++) to[w] = (expectation.right[w] as number) / Math.max(1, given[w] as number);
    to.set(expectation.tasks, workerCount);
    project(to);
  };
  const start = new Float64Array(workerCount + labelCount);
  expectVotes(answers, expectation);
  maximise(start);
  return {
    start,
    project,
    step(from, to) {
      for (let w = 0; w < workerCount; w++) {
        base[w] = wrong(from[w] as number);
        gain[w] = Math.log(from[w] as number) - (base[w] as number);
      }
      const likelihood = expectation.run({ base, gain, prior: from.subarray(workerCount) });
      maximise(to);
      return likelihood;
    },
    bound(from, to, likelihood) {
      let sum = likelihood;
      for (let w = 0; w < workerCount; w++) {
        const right = expectation.right[w] as number;
        sum += right * (Math.log(to[w] as number) - Math.log(from[w] as number));
        sum += ((given[w] as number) - right) * (wrong(to[w] as number) - wrong(from[w] as number));
      }
      for (let l = 0, at = workerCount; l < labelCount; l++, at++) {
        sum += (expectation.answers[l] as number) * Math.log(to[at] as number);
        sum -= (expectation.tasks[l] as number) * Math.log(from[at] as number);
      }
      return sum;
    },
  };
}

/** The expected counts where the shares of the votes are the posteriors. */
function expectVotes(answers: Answers, { right, tasks }: Expectation): void {
  const { worker, cell, cellLabel } = answers;
  const votes = voteShares(answers).cell;
  for (let i = 0; i < worker.length; i++) {
    const w = worker[i] as number;
    right[w] = (right[w] as number) + (votes[cell[i] as number] as number);
  }
  for (let c = 0; c < votes.length; c++) {
    const label = cellLabel[c] as number;
    tasks[label] = (tasks[label] as number) + (votes[c] as number);
  }
}
