import { type CategoryDistance, categoryDistance } from './category-distance.ts';
import { type Coefficient, chanceCorrected, NO_VARIATION, NOTHING_PAIRED, type Statistic } from './coefficient.ts';
import { ratedShares } from './rated-shares.ts';
import type { Ratings } from './ratings.ts';
import { rowWeights, type UnitTable, unitTable } from './unit-table.ts';

/**
 * Gwet's AC1, and with a `distance` between categories AC2, of any number of annotators, with missing answers. It stays
 * meaningful where nearly all answers are the same label, where kappas fall. Undefined where no task has two answers or
 * there is a single category. The categories are the ratings' value ids, in use or not.
 *
 * K. L. Gwet, "Computing inter-rater reliability and its variance in the presence of high agreement" (2008), and
 * "Handbook of Inter-Rater Reliability" (2014) for weights and missing answers.
 */
export function gwetCoefficient(ratings: Ratings, distance?: CategoryDistance): Coefficient {
  const table = unitTable(ratings);
  return gwetStatistic(
    table,
    distance ?? categoryDistance('identity', { length: ratings.valueCount }),
  )(rowWeights(table));
}

/** Gwet's coefficient as a function of how often each row of `table` counts. */
export function gwetStatistic(table: UnitTable, distance: CategoryDistance): Statistic {
  const shares = ratedShares(table, distance);
  const q = table.valueCount;
  const ids = Int32Array.from({ length: q }, (_, id) => id);
  const ones = new Float64Array(q).fill(1);
  const weightSum = q * q - distance.sum({ ids, a: ones, b: ones }, 0, q);
  return (weight) => {
    const { share, disagreement } = shares(weight);
    if (disagreement === undefined) return { undefined: NOTHING_PAIRED };
    if (q < 2) return { undefined: NO_VARIATION };
    let uncertain = 0;
    for (const each of share) uncertain += each * (1 - each);
    return chanceCorrected(disagreement, 1 - (weightSum * uncertain) / (q * (q - 1)));
  };
}
