import { QuorateError } from '../failures.ts';
import { MAX_LOOKAHEAD } from '../redundancy/expected-gain.ts';
import { expectedSureness } from './sureness.ts';

/** An item that the next answer could go to. */
export interface AnswerOption {
  /** What is believed of its class now, by the model and the answers it has. */
  readonly belief: readonly number[];
  /** What its answers alone say; the same share for every class where it has none. */
  readonly byAnswers: readonly number[];
  /** What one more answer costs, in any unit above 0. */
  readonly price: number;
  /** Answers that are asked for at once. @default 1 */
  readonly atOnce?: number;
  /** Most answers that it may still get, these included. @default atOnce */
  readonly allowed?: number;
}

export interface AnswerWorth {
  readonly kind: 'relabel' | 'new';
  /** Place among the old or the new items given. */
  readonly index: number;
  /** How many more answers it would best get: the worth of each is looked at over so many. */
  readonly answers: number;
  /** Expected number of errors fewer in the item's own label, for each of these answers. */
  readonly own: number;
  /** Expected number of errors fewer in the labels that the model gives to other items, likewise. */
  readonly others: number;
  /** (own + others) / price. */
  readonly perPrice: number;
}

/**
 * Whether the next answer is worth more on a contested old item or on a new one: all of them, the best first (of
 * equal old items before new ones, then in the order given). Expected error reduction per price, after Lin, Mausam and
 * Weld (Re-active learning, AAAI 2016):
 * - own: 1 - max belief now, less its expectation after further answers, each right with probability `accuracy` and
 *   otherwise naming another class at random (Bayes' rule). Never negative; 0 where no answers can change the label.
 * - others: what one certain label teaches (`errorsPerLabel`: the slope of the learning curve times the items that the
 *   model answers for), times how much surer, by answers alone, the label would become. What the model believes already
 *   teaches it nothing, so a new item starts from nothing.
 * Both for each of as many answers as pay best, of those that are allowed: after two that agree a third can change
 * nothing, but two more can, and by the next one alone no item with an odd number of answers would ever be asked again.
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
  const surenessBy = new Map<number, ReturnType<typeof expectedSureness>>();
  const worthOf = (kind: AnswerWorth['kind']) => (option: AnswerOption, index: number) => {
    check(option, kind, index);
    const { belief, byAnswers, price, atOnce = 1, allowed = atOnce } = option;
    const classes = belief.length;
    const sureness = surenessBy.get(classes) ?? expectedSureness(accuracy, classes);
    surenessBy.set(classes, sureness);
    // Rounding must not make an answer that changes nothing look harmful, nor worth anything.
    const rise = (shares: readonly number[], n: number) => {
      const by = sureness(shares, n) - Math.max(...shares);
      return by < 1e-12 ? 0 : by;
    };
    let best = { answers: atOnce, own: 0, others: 0, perPrice: -1 };
    for (let n = atOnce; n <= Math.max(atOnce, Math.min(allowed, MAX_LOOKAHEAD)); n++) {
      const own = rise(belief, n) / n;
      const others = (errorsPerLabel * rise(byAnswers, n)) / (1 - 1 / classes) / n;
      const perPrice = (own + others) / price;
      if (perPrice > best.perPrice) best = { answers: n, own, others, perPrice };
    }
    return { kind, index, ...best };
  };
  return [...old.map(worthOf('relabel')), ...fresh.map(worthOf('new'))].sort((a, b) => b.perPrice - a.perPrice);
}

function check({ belief, byAnswers, price }: AnswerOption, kind: string, index: number): void {
  const isShares = (xs: readonly number[]) =>
    xs.length >= 2 && xs.every((x) => x >= 0) && Math.abs(xs.reduce((sum, x) => sum + x, 0) - 1) < 1e-6;
  if (isShares(belief) && isShares(byAnswers) && belief.length === byAnswers.length && price > 0) return;
  const which = kind === 'new' ? 'new' : 'old';
  const message = `The ${which} item ${index} needs shares that sum to 1 for two or more classes, twice, and a price above 0.`;
  throw new QuorateError('invalid_input', message);
}
