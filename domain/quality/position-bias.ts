import { wilsonInterval } from '../learning/evaluate.ts';
import type { ShownAnswer } from './as-shown.ts';
import { binomialTail } from './beta.ts';
import type { PositionBiasRules } from './rules.ts';
import type { Signal } from './signal.ts';

/**
 * Whether somebody chooses what stands first (or last) on their page more often than an order drawn by lot explains.
 * Under the lot each of k things shown is chosen at its place with chance 1/k whatever its worth, so the count is
 * binomial; where k varies the mean chance is taken, which makes the tail only longer (Hoeffding, 1956). The chance is
 * doubled, as two places are looked at. Undefined below `minAnswers` answers with a preference.
 */
export function positionBias(
  places: readonly NonNullable<ShownAnswer['place']>[],
  rules: PositionBiasRules,
): Signal | undefined {
  const answers = places.length;
  if (answers === 0 || answers < rules.minAnswers) return undefined;
  const fair = places.reduce((sum, { of }) => sum + 1 / of, 0) / answers;
  const first = places.filter(({ at }) => at === 0).length;
  const last = places.filter(({ at, of }) => at === of - 1).length;
  const [place, chosen] = first >= last ? ['first', first] : ['last', last];
  const share = chosen / answers;
  const chance = Math.min(1, 2 * binomialTail(chosen, answers, fair));
  if (chance > rules.maxChance || share - fair < rules.minExcess) return undefined;
  const { low, high } = wilsonInterval(chosen, answers);
  return { flag: 'position_bias', factor: rules.factor, evidence: { place, answers, share, low, high, fair, chance } };
}
