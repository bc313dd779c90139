import { kernelLoops } from '../../domain/aggregation/crowd/kernel-loops.ts';
import { CROWD_METHODS, type CrowdMethodName } from '../../domain/aggregation/crowd/methods.ts';
import type { Answers } from '../../domain/formats/answers.ts';
import { quotedCell } from '../../domain/formats/csv.ts';
import { paths } from '../paths.ts';
import { type Compared, type Outcome, shownAccuracy } from './aggregate-outcome.ts';
import { readBytes } from './files.ts';
import type { AggregateFlags } from './offline-flags.ts';
import { answersOf, counts, goldOf, shownCounts, thousands } from './offline-input.ts';

/** Labels for tasks. */
export async function aggregateCrowd(
  bytes: Uint8Array,
  method: CrowdMethodName,
  flags: AggregateFlags,
): Promise<Outcome> {
  const answers = answersOf(bytes, flags);
  const gold = flags.gold === undefined ? undefined : await goldOf(flags.gold);
  const fit = CROWD_METHODS[method](answers, {
    seed: flags.seed,
    loops: kernelLoops(await readBytes(paths.crowdKernel)),
  });
  const compared = gold && compare(answers, fit.labels, gold);
  const { iterations, converged } = fit;
  const chosen = method === 'default' ? fit.method.replace(/^default: /, '') : undefined;
  return {
    report: {
      ...(chosen !== undefined && { chosen }),
      ...counts(answers),
      ...compared,
      iterations,
      converged,
    },
    shown: [
      ['chosen', chosen],
      ...shownCounts(answers),
      ['accuracy', compared && shownAccuracy(compared)],
      ['iterations', converged ? thousands(iterations) : `${thousands(iterations)}, not converged`],
    ],
    *lines() {
      const { units, values } = answers;
      const cells = values.map(quotedCell);
      yield 'task,label,confidence';
      for (let t = 0; t < answers.unitCount; t++) {
        yield `${quotedCell(units[t] ?? '')},${cells[fit.labels[t] ?? -1] ?? ''},${fit.confidence[t] ?? 0}`;
      }
    },
  };
}

function compare({ units, values }: Answers, labels: Int32Array, gold: ReadonlyMap<string, string>): Compared {
  let [known, right] = [0, 0];
  units.forEach((name, t) => {
    const label = gold.get(name);
    if (label === undefined) return;
    known++;
    if (values[labels[t] ?? -1] === label) right++;
  });
  return { accuracy: known === 0 ? null : right / known, goldTasks: known, goldUnknown: gold.size - known };
}
