import { likeness, type Sketch } from './near-duplicate.ts';
import type { ContradictionRules } from './rules.ts';
import type { Signal } from './signal.ts';

export interface EarlierAnswer<Label> {
  readonly annotationId: string;
  readonly label: Label;
  /** Of the two items, where they are not the same. */
  readonly similarity?: number;
}

/** Shorter texts may mean something else by one sign, which is no letter. */
const LEAST_LETTERS = 40;
/** Where more items than these are nearly the same their texts have a form in common, and what differs is what counts... */
const MOST_ALIKE = 2;
/** ...which the first few answers cannot tell. */
const LEAST_ANSWERS = 10;

/** An answer with what its item shows, in short; without where that is too long. */
export interface SketchedAnswer<Label> {
  readonly id: string;
  readonly label: Label;
  readonly itemHash: string;
  readonly sketch: Sketch | undefined;
}

/** Of the annotator's own answers, oldest first, the newest one to the same item; else to one that is nearly the same. */
export function earlierAnswer<Label>(
  { id, itemHash, sketch }: SketchedAnswer<Label>,
  own: readonly SketchedAnswer<Label>[],
  { minSimilarity = 1 }: Pick<ContradictionRules, 'minSimilarity'>,
): EarlierAnswer<Label> | undefined {
  const others = own.filter((each) => each.id !== id);
  const same = others.findLast((each) => each.itemHash === itemHash);
  if (same) return { annotationId: same.id, label: same.label };
  if (minSimilarity >= 1 || others.length < LEAST_ANSWERS || !sketch || sketch.length < LEAST_LETTERS) return undefined;
  const near = others.flatMap((each) => {
    const similarity = each.sketch ? likeness(sketch, each.sketch) : 0;
    return similarity >= minSimilarity ? [{ annotationId: each.id, label: each.label, similarity }] : [];
  });
  return near.length > MOST_ALIKE ? undefined : near.at(-1);
}

/**
 * Whether an answer is far from the annotator's own one before, to the same item or nearly the same (`earlierAnswer`); `distance` is the task type's measure,
 * 0 to 1. Only the newest earlier answer counts: whoever changed their mind once does not contradict themselves for ever.
 */
export function contradiction<Label>(
  label: Label,
  earlier: EarlierAnswer<Label> | undefined,
  distance: (a: Label, b: Label) => number,
  rules: ContradictionRules,
): Signal | undefined {
  if (!earlier) return undefined;
  const apart = distance(label, earlier.label);
  if (!(apart >= rules.minDistance)) return undefined;
  const { annotationId, similarity } = earlier;
  const evidence = { distance: apart, earlier: annotationId, ...(similarity === undefined ? {} : { similarity }) };
  return { flag: 'contradiction', factor: rules.factor, evidence };
}
