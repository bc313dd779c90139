/**
 * Answers as dense integer ids: answer i says that annotator `rater[i]` gave unit (task) `unit[i]` the value
 * `value[i]`. Missing answers are simply not there.
 */
export interface Ratings {
  readonly unit: Int32Array;
  readonly rater: Int32Array;
  readonly value: Int32Array;
  readonly unitCount: number;
  readonly raterCount: number;
  readonly valueCount: number;
}

/** Ratings together with what the ids stand for. */
export interface NamedRatings extends Ratings {
  readonly units: readonly string[];
  readonly raters: readonly string[];
  readonly values: readonly string[];
}

/** Gives ids, in order of first appearance, to tasks, annotators and labels. */
export function toRatings(answers: Iterable<{ task: string; worker: string; label: string }>): NamedRatings {
  const [units, raters, values] = [interner(), interner(), interner()];
  const unit: number[] = [];
  const rater: number[] = [];
  const value: number[] = [];
  for (const { task, worker, label } of answers) {
    unit.push(units.id(task));
    rater.push(raters.id(worker));
    value.push(values.id(label));
  }
  return {
    unit: Int32Array.from(unit),
    rater: Int32Array.from(rater),
    value: Int32Array.from(value),
    unitCount: units.names.length,
    raterCount: raters.names.length,
    valueCount: values.names.length,
    units: units.names,
    raters: raters.names,
    values: values.names,
  };
}

function interner() {
  const ids = new Map<string, number>();
  const names: string[] = [];
  return {
    names,
    id(name: string): number {
      const known = ids.get(name);
      if (known !== undefined) return known;
      ids.set(name, names.length);
      names.push(name);
      return names.length - 1;
    },
  };
}

/** How many answers each unit has. */
export function answersByUnit({ unit, unitCount }: Pick<Ratings, 'unit' | 'unitCount'>): Int32Array {
  const counts = new Int32Array(unitCount);
  for (const u of unit) counts[u] = (counts[u] as number) + 1;
  return counts;
}

/** The answers' positions grouped by unit: those of unit u are `at[start[u]]` up to, not including, `at[start[u + 1]]`. */
export function byUnit({ unit, unitCount }: Pick<Ratings, 'unit' | 'unitCount'>): {
  start: Int32Array;
  at: Int32Array;
} {
  const start = new Int32Array(unitCount + 1);
  let previous = 0;
  let inOrder = true;
  for (let i = 0; i < unit.length; i++) {
    const u = unit[i] ?? 0;
    start[u + 1] = (start[u + 1] ?? 0) + 1;
    if (u < previous) inOrder = false;
    previous = u;
  }
  for (let u = 0; u < unitCount; u++) start[u + 1] = (start[u + 1] ?? 0) + (start[u] ?? 0);
  // Answers often come unit by unit.
  if (inOrder) return { start, at: unit.map((_, i) => i) };
  const next = start.slice();
  const at = new Int32Array(unit.length);
  for (let i = 0; i < unit.length; i++) {
    const u = unit[i] ?? 0;
    const place = next[u] ?? 0;
    at[place] = i;
    next[u] = place + 1;
  }
  return { start, at };
}
