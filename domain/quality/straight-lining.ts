import type { StraightLiningRules } from './rules.ts';
import type { Signal } from './signal.ts';

/**
 * Whether somebody's newest answers (oldest first) are all the same for longer than the label shares explain. `others`
 * counts the answers of other annotators by label. An annotator who draws labels by these shares p shows a run of r
 * equal ones among n answers with a chance of at most (n - r + 1) p^r, the union over where it can end, and by Bonferroni
 * that times the number of labels, as any of them might have been the one; where nine in ten items are ham, thirty hams on
 * end are no surprise. Undefined for short runs and where too few others answered.
 */
export function straightLining(
  answers: readonly string[],
  others: ReadonlyMap<string, number>,
  rules: StraightLiningRules,
): Signal | undefined {
  const last = answers.at(-1);
  if (last === undefined) return undefined;
  const run = answers.length - 1 - answers.findLastIndex((each) => each !== last);
  if (run < rules.minRun) return undefined;
  let total = 0;
  for (const count of others.values()) total += count;
  if (total < rules.minPeerAnswers) return undefined;
  // Laplace's rule of succession, so that a share known from few answers is never 0 or 1.
  const share = ((others.get(last) ?? 0) + 1) / (total + 2);
  const labels = others.size + (others.has(last) ? 0 : 1);
  const chance = Math.min(1, labels * (answers.length - run + 1) * share ** run);
  if (chance > rules.maxChance) return undefined;
  return { flag: 'straight_lining', factor: rules.factor, evidence: { run, share, chance } };
}
