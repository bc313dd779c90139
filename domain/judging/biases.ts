import type { TaskTypeName } from '../tasks/task-type.ts';
import { hedging } from './hedging.ts';
import { markdown } from './markdown.ts';
import { dot, LEAST_OWN_WORDS, likenessTo, showsStyle } from './wording.ts';

/** A task of comparing answers that a judge and a person did, with what they said of it. */
export interface JudgedComparison {
  readonly judge: string;
  readonly type: TaskTypeName;
  readonly payload: unknown;
  readonly judged: unknown;
  readonly person: unknown;
}

/**
 * How much more a judge takes the side with some trait than the first person of the same task does, -1 to 1, the other
 * traits held equal, with its 95% interval, where both took a side. `judge` and `people` are the shares of these comparisons
 * in which each took that side; `n` counts the tasks whose sides differ in the trait. Of ties, all comparisons count.
 */
export interface Bias {
  readonly judge: number;
  readonly people: number;
  readonly excess: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export interface Biases {
  /** Towards the longer answer. */
  readonly length: Bias | null;
  /** Towards answers that a model of the judge's own family wrote. */
  readonly ownStyle: Bias | null;
  /** Towards the answer that is worded more like the judge's own texts. */
  readonly ownWording: Bias | null;
  /** Towards the answer with more marks of Markdown a word. */
  readonly markdown: Bias | null;
  /** Towards the answer with more epistemic markers a word; below 0 it avoids them. */
  readonly hedging: Bias | null;
  /** Towards saying that the sides are equal. */
  readonly ties: Bias | null;
}

/** Two sides of one task: which has more of each trait (1 the first, -1 the second, 0 neither), and who prefers which. */
interface Pair {
  readonly traits: readonly number[];
  readonly judge: number;
  readonly person: number;
}

/** What a judge wrote itself, and of what family of models it is. */
interface Own {
  readonly family: string;
  readonly likeness: (text: string) => number | null;
}

/** The biases of one judge, `ownTexts` being what it wrote as answers; null where no comparison has sides that differ so. */
export function biasesOf(
  judge: string,
  comparisons: readonly JudgedComparison[],
  ownTexts: readonly string[] = [],
): Biases {
  const texts = [...new Set(comparisons.flatMap((each) => sidesOf(each)?.texts ?? []))];
  const alike = likenessTo(ownTexts, texts);
  const likeness = new Map(alike?.map((value, at) => [texts[at] ?? '', value]));
  const own: Own = { family: modelFamily(modelOf(judge)), likeness: (text) => likeness.get(text) ?? null };
  const tasks = comparisons.map((each) => pairsOf(each, own)).filter(({ length }) => length > 0);
  // One who says that sides are equal leans to neither: that is the bias towards ties, and not one against what people prefer.
  const sided = tasks
    .map((pairs) => pairs.filter(({ judge: own, person }) => own !== 0 && person !== 0))
    .filter(({ length }) => length > 0);
  const [length = null, ownStyle = null, ownWording = null, marked = null, hedged = null] = fitted(sided, 5);
  // Whether sides are said to be equal, beside 1 for always.
  const equal = tasks.map((pairs) =>
    pairs.map(({ judge: own, person }) => ({
      traits: [1],
      judge: 1 - 2 * Math.abs(own),
      person: 1 - 2 * Math.abs(person),
    })),
  );
  const [ties = null] = fitted(equal, 1);
  return { length, ownStyle, ownWording, markdown: marked, hedging: hedged, ties };
}

/** What of a judge's leaning to its own these comparisons do not show, and why, in sentences. */
export function unknownOf(
  { ownStyle, ownWording }: Biases,
  comparisons: readonly JudgedComparison[],
  ownTexts: readonly string[],
): string[] {
  const sides = comparisons.flatMap((each) => sidesOf(each) ?? []);
  if (sides.length === 0)
    return ['Its biases are not known: it and people have compared no answers of the same tasks.'];
  const named = sides.some(({ models }) => models.some((model) => model !== null));
  const style = named
    ? 'it and a person have taken sides on no answer of its family beside one of another'
    : 'no item says which model wrote its answers (`model_a` and `model_b`, or `models`)';
  const wording = () =>
    showsStyle(ownTexts)
      ? 'it and a person have taken sides on no answers that differ in that'
      : `it has written fewer than ${LEAST_OWN_WORDS} words here, as it does where it answers free_text tasks`;
  return [
    ...(ownStyle ? [] : [`Whether it prefers answers of its own family of models is not known: ${style}.`]),
    ...(ownWording ? [] : [`Whether it prefers answers worded like its own is not known: ${wording()}.`]),
  ];
}

/** The 97.5th percentile of the standard normal. */
const Z = 1.959963984540054;

/**
 * Least squares of the differences between judge and person on all traits at once, as what is hedged is longer, too; each
 * task counts once, with an error of its own size (the sandwich estimator, by task). As Agresti and Min (2005) have it for
 * matched pairs, each trait has beforehand one pair that differs either way by half, so that few tasks, or traits that always
 * go together, give a wide interval.
 */
function fitted(tasks: readonly (readonly Pair[])[], traits: number): (Bias | null)[] {
  const places = Array.from({ length: traits }, (_, at) => at);
  const square = (diagonal: number) => places.map((i) => places.map((j) => (i === j ? diagonal : 0)));
  const gram = square(2);
  const moment = places.map(() => 0);
  for (const pairs of tasks) {
    for (const { traits: x, judge, person } of pairs) {
      for (const i of places) {
        add(moment, i, ((x[i] ?? 0) * (judge - person)) / 2 / pairs.length);
        for (const j of places) add(gram[i], j, ((x[i] ?? 0) * (x[j] ?? 0)) / pairs.length);
      }
    }
  }
  const inverse = inverted(gram);
  const excess = inverse.map((row) => dot(row, moment));
  const spread = square(1);
  for (const pairs of tasks) {
    const score = places.map((i) =>
      pairs.reduce((sum, { traits: x, judge, person }) => {
        return sum + ((x[i] ?? 0) * ((judge - person) / 2 - dot(x, excess))) / pairs.length;
      }, 0),
    );
    for (const i of places) for (const j of places) add(spread[i], j, (score[i] ?? 0) * (score[j] ?? 0));
  }
  return places.map((at): Bias | null => {
    const own = tasks.map((pairs) => pairs.filter(({ traits: x }) => x[at] !== 0)).filter(({ length }) => length > 0);
    if (own.length === 0) return null;
    const share = (who: 'judge' | 'person') =>
      own.reduce((sum, pairs) => {
        return sum + pairs.reduce((of, pair) => of + (1 + (pair.traits[at] ?? 0) * pair[who]) / 2, 0) / pairs.length;
      }, 0) / own.length;
    const row = inverse[at] ?? [];
    const half =
      Z *
      Math.sqrt(
        dot(
          row,
          spread.map((each) => dot(each, row)),
        ),
      );
    const value = excess[at] ?? 0;
    const bounds = { low: Math.max(-1, value - half), high: Math.min(1, value + half) };
    return { judge: share('judge'), people: share('person'), excess: value, ...bounds, n: own.length };
  });
}

function add(to: number[] | undefined, at: number, value: number): void {
  if (to) to[at] = (to[at] ?? 0) + value;
}

/** The inverse of a small matrix that is positive definite, by Gauss and Jordan. */
function inverted(matrix: readonly (readonly number[])[]): number[][] {
  const rows = matrix.map((row, i) => [...row, ...matrix.map((_, j) => +(i === j))]);
  for (const [at, row] of rows.entries()) {
    const pivot = row[at] ?? 1;
    for (const j of row.keys()) row[j] = (row[j] ?? 0) / pivot;
    for (const other of rows) {
      const factor = other[at] ?? 0;
      if (other !== row) for (const j of row.keys()) add(other, j, -factor * (row[j] ?? 0));
    }
  }
  return rows.map((row) => row.slice(matrix.length));
}

/** All pairs of a comparison's sides that both ranked. */
function pairsOf(comparison: JudgedComparison, { family, likeness }: Own): Pair[] {
  const sides = sidesOf(comparison);
  const [judged, person] = [ranksOf(comparison.judged), ranksOf(comparison.person)];
  if (!sides || !judged || !person) return [];
  const length = sides.texts.map((text) => text.length);
  const own = sides.models.map((model) => (model === null ? null : +(modelFamily(model) === family)));
  const traitsOf = [length, own, ...[likeness, markdown, hedging].map((trait) => sides.texts.map(trait))];
  const pairs: Pair[] = [];
  for (const i of sides.texts.keys()) {
    for (let j = i + 1; j < sides.texts.length; j++) {
      const [a, b, c, d] = [judged[i], judged[j], person[i], person[j]];
      if (a == null || b == null || c == null || d == null) continue;
      const traits = traitsOf.map((of) => {
        const [one, other] = [of[i] ?? null, of[j] ?? null];
        return one === null || other === null ? 0 : Math.sign(one - other);
      });
      pairs.push({ traits, judge: Math.sign(b - a), person: Math.sign(d - c) });
    }
  }
  return pairs;
}

/** What is compared, and which model wrote it where the item says that (`model_a` and `model_b`, or `models`). */
function sidesOf({ type, payload }: Pick<JudgedComparison, 'type' | 'payload'>) {
  const fields = (payload ?? {}) as Record<string, unknown>;
  const named = (name: unknown) => (typeof name === 'string' && name !== '' ? name : null);
  if (type === 'pairwise') {
    return { texts: [String(fields.a), String(fields.b)], models: [named(fields.model_a), named(fields.model_b)] };
  }
  if (type !== 'preference_ranking' || !Array.isArray(fields.answers)) return undefined;
  const models: unknown[] = Array.isArray(fields.models) ? fields.models : [];
  return { texts: fields.answers.map(String), models: fields.answers.map((_, at) => named(models[at])) };
}

/** A label's ranks, 1 for the best; null for what was left out. */
function ranksOf(label: unknown): readonly (number | null)[] | undefined {
  const { choice, ranks } = (label ?? {}) as { choice?: unknown; ranks?: unknown };
  if (Array.isArray(ranks)) return ranks as (number | null)[];
  if (choice === undefined) return undefined;
  return choice === 'a' ? [1, 2] : choice === 'b' ? [2, 1] : [1, 1];
}

/** `judge:MODEL:PROMPT-VERSION`; a model's name may have colons, too. */
const modelOf = (judge: string) => judge.replace(/^judge:/, '').replace(/:[^:]*$/, '');

/** Names under which a family goes beside its own. */
const FAMILIES: Readonly<Record<string, string>> = { chatgpt: 'gpt', mixtral: 'mistral', codellama: 'llama' };

/** The family of a model by its name: what comes before the first digit or mark, without the maker's name before a slash. */
export function modelFamily(model: string): string {
  const name = (model.split('/').at(-1) ?? '').toLowerCase();
  if (/^o\d/.test(name)) return 'gpt';
  const family = /^\p{L}+/u.exec(name)?.[0] ?? name;
  return FAMILIES[family] ?? family;
}
