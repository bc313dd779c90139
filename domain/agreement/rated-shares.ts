import type { CategoryDistance } from './category-distance.ts';
import type { UnitTable } from './unit-table.ts';

export interface RatedShares {
  /** Each category's share of a task's answers, averaged over the tasks; sums to 1. */
  readonly share: Float64Array;
  /** The mean distance of two answers of a task, averaged over tasks with two or more; undefined without such. */
  readonly disagreement: number | undefined;
}

/** What Fleiss' kappa and Gwet's coefficients are made of, as a function of how often each row counts. */
export function ratedShares(table: UnitTable, distance: CategoryDistance): (weight: Float64Array) => RatedShares {
  const { ids, counts, start, size, rowCount, valueCount } = table;
  const masses = { ids, a: counts, b: counts };
  const within = new Float64Array(rowCount);
  for (let r = 0; r < rowCount; r++) {
    const answers = size[r] ?? 0;
    if (answers > 1) within[r] = distance.sum(masses, start[r] ?? 0, start[r + 1] ?? 0) / (answers * (answers - 1));
  }
  return (weight) => {
    const share = new Float64Array(valueCount);
    let [tasks, paired, disagreement] = [0, 0, 0];
    for (let r = 0; r < rowCount; r++) {
      const [times, answers] = [weight[r] ?? 0, size[r] ?? 0];
      if (times === 0) continue;
      tasks += times;
      if (answers > 1) {
        paired += times;
        disagreement += times * (within[r] ?? 0);
      }
      const to = start[r + 1] ?? 0;
      for (let i = start[r] ?? 0; i < to; i++) {
        const id = ids[i] ?? 0;
        share[id] = (share[id] ?? 0) + (times * (counts[i] ?? 0)) / answers;
      }
    }
    for (let id = 0; id < valueCount; id++) share[id] = (share[id] ?? 0) / tasks;
    return { share, disagreement: paired === 0 ? undefined : disagreement / paired };
  };
}
