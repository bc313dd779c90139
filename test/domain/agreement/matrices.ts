import { type NamedRatings, toRatings } from '../../../domain/agreement/ratings.ts';

export type Cell = string | number | null;
export type Matrix = readonly (readonly Cell[])[];

/** Answers of a matrix whose rows are tasks and whose columns are annotators. */
export function ratingsOf(matrix: Matrix): NamedRatings {
  const answers = matrix.flatMap((row, unit) =>
    row.flatMap((cell, rater) => (cell === null ? [] : [{ task: `${unit}`, worker: `${rater}`, label: String(cell) }])),
  );
  return toRatings(answers);
}

export function transpose(matrix: Matrix): Cell[][] {
  return (matrix[0] ?? []).map((_, column) => matrix.map((row) => row[column] ?? null));
}
