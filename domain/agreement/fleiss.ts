import { type CategoryDistance, categoryDistance } from './category-distance.ts';
import { type Coefficient, chanceCorrected, NOTHING_PAIRED, type Statistic } from './coefficient.ts';
import { ratedShares } from './rated-shares.ts';
import type { Ratings } from './ratings.ts';
import { rowWeights, type UnitTable, unitTable } from './unit-table.ts';

/**
 * Fleiss' kappa of any number of annotators, with missing answers: agreement within tasks of two answers or more against
 * that of labels drawn at random by their mean share over tasks. With the same number of answers on each task it is the
 * kappa of J. L. Fleiss, "Measuring nominal scale agreement among many raters" (1971); otherwise its generalization in
 * K. L. Gwet, "Handbook of Inter-Rater Reliability" (2014). `distance` weighs the disagreements (all alike by default).
 */
export function fleissKappa(ratings: Ratings, distance?: CategoryDistance): Coefficient {
  const table = unitTable(ratings);
  return fleissStatistic(
    table,
    distance ?? categoryDistance('identity', { length: ratings.valueCount }),
  )(rowWeights(table));
}

/** Fleiss' kappa as a function of how often each row of `table` counts. */
export function fleissStatistic(table: UnitTable, distance: CategoryDistance): Statistic {
  const shares = ratedShares(table, distance);
  const ids = Int32Array.from({ length: table.valueCount }, (_, id) => id);
  return (weight) => {
    const { share, disagreement } = shares(weight);
    if (disagreement === undefined) return { undefined: NOTHING_PAIRED };
    return chanceCorrected(disagreement, distance.sum({ ids, a: share, b: share }, 0, ids.length));
  };
}
