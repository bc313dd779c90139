import { scaleFault } from '../agreement/numeric-labels.ts';
import type { MeasurementLevel } from '../tasks/task-type.ts';
import type { Answers } from './answers.ts';
import { inputError, shown } from './column-shape.ts';
import { decimal } from './decimal.ts';

/**
 * The number that each label stands for, for what `who` names. Throws QuorateError (`invalid_input`) with the line of the first label that
 * stands for none, for one whose square would be infinite or lost, or at `ratio` for a negative one.
 */
export function labelNumbers(
  answers: Answers,
  level: Exclude<MeasurementLevel, 'nominal'>,
  who = 'levels above nominal need',
): Float64Array {
  const orLabels = level === 'ordinal' ? ', or --labels with all of them in their order' : '';
  if (answers.pairs) {
    throw inputError(
      { source: answers.source },
      `its labels are the winners of comparisons, but ${who} finite numbers${orLabels}.`,
    );
  }
  const numbers = Float64Array.from(answers.values, decimal);
  const faults = answers.values.map((_, id) => {
    const number = numbers[id] ?? Number.NaN;
    return scaleFault(number, level, who) ?? sizeFault(number, who);
  });
  const at = answers.value.findIndex((id) => faults[id] !== undefined);
  if (at < 0) return numbers;
  const { source, line, labelColumn } = answers;
  const label = shown(answers.values[answers.value[at] ?? 0] ?? '');
  const message = `column ${labelColumn.number} (${labelColumn.name}) is ${label}, but ${faults[answers.value[at] ?? 0]}${orLabels}.`;
  throw inputError({ source, line: line[at] ?? 0 }, message);
}

/** Squares of these, summed over any number of answers, are still numbers. */
const [SMALLEST, LARGEST] = [1e-100, 1e100];

function sizeFault(number: number, who: string): string | undefined {
  const size = Math.abs(number);
  if (size <= LARGEST && (size === 0 || size >= SMALLEST)) return undefined;
  return `${who} numbers of a size from ${SMALLEST} to ${LARGEST}, or 0`;
}
