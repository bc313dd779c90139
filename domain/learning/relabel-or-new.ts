import { QuorateError } from '../failures.ts';

/** An item that the next answer could go to. */
export interface AnswerOption {
  /** What is believed of its class now, by the model and the answers it has. */
  readonly belief: readonly number[];
  /** What its answers alone say; the same share for every class where it has none. */
  readonly byAnswers: readonly number[];
  /** What one more answer costs, in any unit above 0. */
  readonly price: number;
}

export interface AnswerWorth {
  readonly kind: 'relabel' | 'new';
  /** Place among the old or the new items given. */
  readonly index: number;
  /** Expected number of errors fewer in the item's own label. */
  readonly own: number;
  /** Expected number of errors fewer in the labels that the model gives to other items. */
  readonly others: number;
  /** (own + others) / price. */
  readonly perPrice: number;
}

/**
 * Whether the next answer is worth more on a contested old item or on a new one: all of them, the best first (of
 * equals old items before new ones, then in the order given). Expected error reduction per price, after Lin, Mausam and
 * Weld (Re-active learning, AAAI 2016):
 * - own: 1 - max belief now, less its expectation after an answer that is right with probability `accuracy` and
 *   otherwise names another class at random (Bayes' rule). Never negative; 0 where no answer can change the label.
 * - others: what one certain label teaches (`errorsPerLabel`: the slope of the learning curve times the items that the
 *   model answers for), times how much surer, by answers alone, the label would become. What the model believes already
 *   teaches it nothing, so a new item starts from nothing.
 */
export function relabelOrNew(
  old: readonly AnswerOption[],
  fresh: readonly AnswerOption[],
  { accuracy, errorsPerLabel }: { readonly accuracy: number; readonly errorsPerLabel: number },
): AnswerWorth[] {
  if (!(accuracy >= 0 && accuracy <= 1 && errorsPerLabel >= 0 && Number.isFinite(errorsPerLabel))) {
    const message = `The accuracy is ${accuracy} and the errors saved by a label ${errorsPerLabel}; they must be a share and a number of 0 or more.`;
    throw new QuorateError('invalid_input', message);
  }
  const worthOf = (kind: AnswerWorth['kind']) => (option: AnswerOption, index: number) => {
    check(option, kind, index);
    const { belief, byAnswers, price } = option;
    const own = expectedSureness(belief, accuracy) - Math.max(...belief);
    const chance = 1 / belief.length;
    const learned = (expectedSureness(byAnswers, accuracy) - Math.max(...byAnswers)) / (1 - chance);
    // Rounding must not make an answer that changes nothing look harmful.
    const others = errorsPerLabel * Math.max(0, learned);
    return { kind, index, own: Math.max(0, own), others, perPrice: (Math.max(0, own) + others) / price };
  };
  return [...old.map(worthOf('relabel')), ...fresh.map(worthOf('new'))].sort((a, b) => b.perPrice - a.perPrice);
}

/** Expected probability of the most probable class after one more answer: sum over answers of max_c P(c) P(answer | c). */
function expectedSureness(belief: readonly number[], accuracy: number): number {
  const wrong = (1 - accuracy) / (belief.length - 1);
  let sum = 0;
  for (let answer = 0; answer < belief.length; answer++) {
    sum += Math.max(...belief.map((p, k) => p * (k === answer ? accuracy : wrong)));
  }
  return sum;
}

function check({ belief, byAnswers, price }: AnswerOption, kind: string, index: number): void {
  const isShares = (xs: readonly number[]) =>
    xs.length >= 2 && xs.every((x) => x >= 0) && Math.abs(xs.reduce((sum, x) => sum + x, 0) - 1) < 1e-6;
  if (isShares(belief) && isShares(byAnswers) && belief.length === byAnswers.length && price > 0) return;
  const which = kind === 'new' ? 'new' : 'old';
  const message = `The ${which} item ${index} needs shares that sum to 1 for two or more classes, twice, and a price above 0.`;
  throw new QuorateError('invalid_input', message);
}
