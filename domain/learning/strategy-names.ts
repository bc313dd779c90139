import { QuorateError } from '../failures.ts';
import type { STRATEGIES } from '../settings.ts';
import type { SelectionRequest } from './selection.ts';

type Choice = Pick<SelectionRequest, 'strategy' | 'measure' | 'spread'>;

/** What a campaign's strategy may be called. */
export type StrategyName = (typeof STRATEGIES)[number];

/** What strategies and their variants are called; the command line also takes `margin` for `uncertainty`. */
const STRATEGY_NAMES: Readonly<Record<StrategyName | 'margin', Choice>> = {
  random: { strategy: 'random' },
  uncertainty: { strategy: 'uncertainty' },
  entropy: { strategy: 'uncertainty', measure: 'entropy' },
  margin: { strategy: 'uncertainty', measure: 'margin' },
  least_confidence: { strategy: 'uncertainty', measure: 'least_confidence' },
  diversity: { strategy: 'diversity' },
  'kmeans++': { strategy: 'diversity', spread: 'kmeans++' },
  expected_change: { strategy: 'expected_change' },
  combined: { strategy: 'combined' },
  badge: { strategy: 'badge' },
};

/** The strategy of a name; throws a sentence that lists them all. */
export function strategyOf(name: string): Choice {
  const choice = Object.hasOwn(STRATEGY_NAMES, name) ? STRATEGY_NAMES[name as StrategyName] : undefined;
  if (choice) return choice;
  const known = Object.keys(STRATEGY_NAMES).join(', ');
  throw new QuorateError('invalid_input', `There is no strategy ${JSON.stringify(name)}; there are ${known}.`);
}
