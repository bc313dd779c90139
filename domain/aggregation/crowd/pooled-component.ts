import type { Answers } from './answers.ts';
import type { PooledConfusion } from './pooled-confusion.ts';
import { coin, habitsOf, logarithm } from './pooled-rows.ts';
import type { TaskComponent } from './task-posterior.ts';
import type { WorkerLabels } from './worker-labels.ts';

/** A fitted model in the form of `taskPosterior`: all labels for all workers, and a newcomer of the crowd's skill. */
export function pooledComponent(fit: PooledConfusion, answers: Answers, pairs: WorkerLabels): TaskComponent {
  const { workerCount, labelCount } = answers;
  const { kinds, counts, totals, skills } = fit.rows;
  const stateCount = labelCount * kinds;
  const ln = logarithm(labelCount);
  const logAnswer = new Float64Array((workerCount + 1) * labelCount * stateCount);
  const { strength } = fit;
  const habits = new Float64Array(labelCount);
  const put = (w: number, l: number, given: Float64Array) => {
    habitsOf(fit.rows, w, given, habits);
    for (let s = 0; s < stateCount; s++) {
      const k = Math.floor(s / kinds);
      const [skill = fit.skill.crowd, total = 0] = [skills[w * stateCount + s], totals[w * stateCount + s]];
      const prior = strength.coin * coin(skill, k === l, labelCount) + strength.habit * (habits[k] as number);
      const all = total + strength.coin + strength.habit;
      logAnswer[(w * labelCount + l) * stateCount + s] = ln((given[s] ?? 0) + prior) - ln(all);
    }
  };
  const none = new Float64Array(stateCount);
  for (let w = 0; w <= workerCount; w++) {
    for (let l = 0; l < labelCount; l++) put(w, l, none);
    for (let p = pairs.start[w] ?? 0; p < (pairs.start[w + 1] ?? 0); p++) {
      put(w, pairs.pairLabel[p] as number, counts.subarray(p * stateCount, (p + 1) * stateCount));
    }
  }
  return { kinds, logPrior: fit.logPrior, logAnswer };
}
