import type { ContradictionRules } from './rules.ts';
import type { Signal } from './signal.ts';

/**
 * Whether an answer is far from the annotator's own one to the same item before; `distance` is the task type's measure,
 * 0 to 1. Only the newest earlier answer counts: whoever changed their mind once does not contradict themselves for ever.
 */
export function contradiction<Label>(
  label: Label,
  earlier: { readonly annotationId: string; readonly label: Label } | undefined,
  distance: (a: Label, b: Label) => number,
  rules: ContradictionRules,
): Signal | undefined {
  if (!earlier) return undefined;
  const apart = distance(label, earlier.label);
  if (!(apart >= rules.minDistance)) return undefined;
  const evidence = { distance: apart, earlier: earlier.annotationId };
  return { flag: 'contradiction', factor: rules.factor, evidence };
}
