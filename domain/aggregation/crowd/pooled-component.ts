import type { Answers } from './answers.ts';
import type { PooledConfusion } from './pooled-confusion.ts';
import { coin, logarithm } from './pooled-rows.ts';
import type { TaskComponent } from './task-posterior.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** A fitted model in the form of `taskPosterior`: all labels for all workers, and a newcomer of the crowd's skill. */
export function pooledComponent(fit: PooledConfusion, answers: Answers, pairs: WorkerLabels): TaskComponent {
  const { workerCount, labelCount } = answers;
  const { kinds, counts, totals, skills } = fit.rows;
  const stateCount = labelCount * kinds;
  const ln = logarithm(labelCount);
  const logAnswer = new Float64Array((workerCount + 1) * labelCount * stateCount);
  const put = (w: number, l: number, s: number, skill: number, given: number, total: number) => {
    const prior = fit.strength * coin(skill, Math.floor(s / kinds) === l, labelCount);
    logAnswer[(w * labelCount + l) * stateCount + s] = ln(given + prior) - ln(total + fit.strength);
  };
  for (let w = 0; w <= workerCount; w++) {
    const row = w * stateCount;
    for (let l = 0; l < labelCount; l++) {
      for (let s = 0; s < stateCount; s++) put(w, l, s, skills[row + s] ?? fit.skill.crowd, 0, totals[row + s] ?? 0);
    }
    for (let p = pairs.start[w] ?? 0; p < (pairs.start[w + 1] ?? 0); p++) {
      const l = pairs.pairLabel[p] as number;
      for (let s = 0; s < stateCount; s++) {
        put(w, l, s, skills[row + s] as number, counts[p * stateCount + s] as number, totals[row + s] as number);
      }
    }
  }
  return { kinds, logPrior: fit.logPrior, logAnswer };
}
