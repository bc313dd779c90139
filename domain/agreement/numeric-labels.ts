import type { MeasurementLevel } from '../tasks/task-type.ts';
import type { Ratings } from './ratings.ts';

/** Why a number cannot stand for a label at this level; undefined when it can. */
export function scaleFault(
  number: number,
  level: Exclude<MeasurementLevel, 'nominal'>,
  who = 'levels above nominal need',
): string | undefined {
  if (!Number.isFinite(number)) return `${who} finite numbers`;
  return level === 'ratio' && number < 0 ? 'the ratio level needs numbers from 0' : undefined;
}

/**
 * The same ratings with value ids in the order of the numbers they stand for, equal numbers sharing one: `scale` of the
 * result ascends without repeats. Throws RangeError for a value in use that is no finite number, or at `ratio` less
 * than 0, where ratios mean nothing.
 */
export function onScale(
  ratings: Ratings,
  scale: ArrayLike<number>,
  level: Exclude<MeasurementLevel, 'nominal'>,
): { ratings: Ratings; scale: Float64Array } {
  const used = new Uint8Array(ratings.valueCount);
  for (const value of ratings.value) used[value] = 1;
  const ids = Array.from(used.keys()).filter((id) => {
    const number = scale[id] ?? Number.NaN;
    const fault = scaleFault(number, level);
    if (fault !== undefined && used[id] === 1) throw new RangeError(`Value ${id} stands for ${number}; ${fault}.`);
    return fault === undefined;
  });
  ids.sort((a, b) => (scale[a] ?? 0) - (scale[b] ?? 0));
  const newId = new Int32Array(ratings.valueCount);
  const numbers: number[] = [];
  for (const id of ids) {
    // + 0 turns -0 into 0.
    const number = (scale[id] ?? 0) + 0;
    if (number !== numbers.at(-1)) numbers.push(number);
    newId[id] = numbers.length - 1;
  }
  const { unit, rater, unitCount, raterCount } = ratings;
  const value = ratings.value.map((id) => newId[id] ?? 0);
  return {
    ratings: { unit, rater, value, unitCount, raterCount, valueCount: numbers.length },
    scale: Float64Array.from(numbers),
  };
}
