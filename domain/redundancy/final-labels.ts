import { groupAnswers } from '../aggregation/crowd/answers.ts';
import { concludeTable } from '../aggregation/crowd/conclude.ts';
import { defaultMethod } from '../aggregation/crowd/default.ts';
import { majority } from '../aggregation/crowd/majority.ts';
import { oneCoin } from '../aggregation/crowd/one-coin.ts';
import type { Ratings } from '../agreement/ratings.ts';
import type { LiveCrowd } from './live-crowd.ts';

/**
 * The labels of an adaptive campaign's tasks in the end: the most probable ones by four views of the crowd that have as
 * much to say each (the default method, the campaign's own view so far, one-coin and the shares of the votes). Few answers
 * by whoever seemed to be best, most of them to contested tasks, do not tell which view is right: where some annotators err
 * alike the default method and the campaign's view take them for the best, one-coin mostly does not. The default method and
 * one-coin know how frequent labels are; the other two go by a task's own answers. By the default method alone where tables
 * of all labels would be too large.
 */
export function finalLabels(asked: Ratings, crowd: LiveCrowd, seed: number): Int32Array {
  const fit = defaultMethod(asked, { seed });
  const { valueCount, unitCount } = asked;
  if (crowd.asked.idCount !== valueCount) return fit.labels;
  const tables = [fit, oneCoin(asked, { seed }), majority(asked, { seed })].map(({ posteriors }) => posteriors);
  const sum = new Float64Array(unitCount * valueCount);
  for (let unit = 0; unit < unitCount; unit++) sum.set(crowd.byAnswers(unit), unit * valueCount);
  for (const table of tables) {
    if (!table) return fit.labels;
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (table[at] as number);
  }
  return concludeTable(asked, groupAnswers(asked), sum, seed).labels;
}
