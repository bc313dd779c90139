import { QuorateError } from './failures.ts';

/** Micro-dollars in a dollar. All money is a bigint of micro-dollars: no amount is ever a floating-point number. */
export const MICROS_PER_USD = 1_000_000n;

/** The largest amount we accept, a trillion dollars: far inside PostgreSQL's bigint, so that sums fit too. */
export const MAX_MICROS = 1_000_000_000_000n * MICROS_PER_USD;

/**
 * Dollars as written ("12.34", "0.000001", or a number) to micro-dollars, exactly. More than 6 decimals, an
 * exponent, separators or a sign (unless `signed`) are refused with a sentence naming `field`.
 */
export function parseUsd(input: string | number, options: { field?: string; signed?: boolean } = {}): bigint {
  const field = options.field ?? 'amount';
  const refuse = (rule: string): never => {
    const shown = typeof input === 'string' ? JSON.stringify(input.slice(0, 40)) : String(input);
    throw new QuorateError('invalid_input', `${field} is ${shown}; ${rule}.`, { field });
  };
  if (typeof input !== 'string' && typeof input !== 'number') {
    return refuse('it must be dollars as a decimal string such as "12.34"');
  }
  if (typeof input === 'number') {
    if (!Number.isFinite(input)) return refuse('it must be a finite amount in dollars');
    // Above this a double has no room for six decimals, so the caller may have meant another amount.
    if (Math.abs(input) > Number.MAX_SAFE_INTEGER / 1e6) return refuse('give an amount this large as a string');
    if (/e/.test(String(input))) return refuse('at most 6 decimals are allowed');
  }
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(String(input));
  if (!match) return refuse('it must be dollars with at most 6 decimals, such as "12.34"');
  const [, sign, whole = '0', decimals = ''] = match;
  if (decimals.length > 6) return refuse('at most 6 decimals are allowed');
  const micros = BigInt(whole) * MICROS_PER_USD + BigInt(decimals.padEnd(6, '0'));
  if (micros > MAX_MICROS) return refuse('at most 1,000,000,000,000 dollars are allowed');
  if (sign === '-' && micros > 0n && !options.signed) return refuse('it must not be negative');
  return sign === '-' ? -micros : micros;
}

/** Micro-dollars to dollars: the shortest exact decimal with at least two decimals ("12.34", "0.0125", "-3.00"). */
export function formatUsd(micros: bigint): string {
  const size = micros < 0n ? -micros : micros;
  const decimals = (size % MICROS_PER_USD)
    .toString()
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `${micros < 0n ? '-' : ''}${size / MICROS_PER_USD}.${decimals}`;
}

/** The least of some amounts; Math.min takes no bigints. */
export function leastMicros(first: bigint, ...others: readonly bigint[]): bigint {
  let least = first;
  for (const other of others) if (other < least) least = other;
  return least;
}

/** The most of some amounts. */
export function mostMicros(first: bigint, ...others: readonly bigint[]): bigint {
  let most = first;
  for (const other of others) if (other > most) most = other;
  return most;
}

/** The least integer not below a / b, for a >= 0 and b > 0. */
function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** A ratio such as 0.05 in whole millionths, so that 0.07 of 100 is 7 and not 7.000000000000001. */
export function toPpm(ratio: number, name: string): bigint {
  if (!Number.isFinite(ratio) || ratio < 0 || ratio > 1000) {
    throw new QuorateError('invalid_input', `${name} is ${ratio}; it must be a ratio from 0 to 1000.`, { field: name });
  }
  return BigInt(Math.round(ratio * 1e6));
}

/** A whole number from 0 as a bigint; anything else is refused with a sentence naming `name`. */
export function toCount(value: number, name: string): bigint {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new QuorateError('invalid_input', `${name} is ${value}; it must be a whole number from 0.`, { field: name });
  }
  return BigInt(value);
}

/** `ratio` of an amount (a fee, a raise), rounded up to a whole micro-dollar: what we set aside never falls short. */
export function ratioOfMicros(micros: bigint, ratio: number): bigint {
  const exact = micros * toPpm(ratio, 'ratio');
  return exact >= 0n ? ceilDiv(exact, 1_000_000n) : exact / 1_000_000n;
}

/**
 * Splits an amount in proportion to `weights` (finite, not negative) so that the parts add up to it exactly: each
 * part is rounded down and the left-over micro-dollars go to the largest remainders, earlier parts first. Without any
 * weight the split is even.
 */
export function splitMicros(micros: bigint, weights: readonly number[]): bigint[] {
  if (weights.length === 0) throw new RangeError('splitMicros needs at least one weight.');
  if (micros < 0n) return splitMicros(-micros, weights).map((part) => -part);
  let ppm = weights.map((weight) => toPpm(weight, 'weight'));
  if (ppm.every((weight) => weight === 0n)) ppm = ppm.map(() => 1n);
  const total = ppm.reduce((sum, weight) => sum + weight, 0n);
  const parts = ppm.map((weight) => (micros * weight) / total);
  const rest = Number(micros - parts.reduce((sum, part) => sum + part, 0n));
  const byRemainder = ppm
    .map((weight, at) => ({ at, remainder: (micros * weight) % total }))
    .sort((x, y) => (x.remainder === y.remainder ? x.at - y.at : x.remainder > y.remainder ? -1 : 1));
  for (const { at } of byRemainder.slice(0, rest)) parts[at] = (parts[at] ?? 0n) + 1n;
  return parts;
}

export interface WorstCase {
  readonly tasks: number;
  /** The most annotations a task may collect. */
  readonly maxRedundancy: number;
  /** The most one annotation may cost, after every raise of pay the escalation steps allow. */
  readonly priceMicros: bigint;
  /** Extra annotations on gold tasks, as a share of the others (0.05 = 5%). */
  readonly goldRatio?: number;
  /** What an expert's ruling costs, if every task needed one. */
  readonly adjudicationMicros?: bigint;
  /** Fee of a platform on top of the annotations (0.2 = 20%); rulings carry no fee. */
  readonly feeRatio?: number;
}

/**
 * The most a batch of tasks can cost, in micro-dollars: this is what is reserved before the batch starts.
 * annotations = tasks x redundancy, plus the golds rounded up; fee on them; one adjudication a task.
 */
export function worstCaseMicros(batch: WorstCase): bigint {
  const tasks = toCount(batch.tasks, 'tasks');
  const work = tasks * toCount(batch.maxRedundancy, 'maxRedundancy');
  const golds = ceilDiv(work * toPpm(batch.goldRatio ?? 0, 'goldRatio'), 1_000_000n);
  const base = (work + golds) * batch.priceMicros;
  return base + ratioOfMicros(base, batch.feeRatio ?? 0) + tasks * (batch.adjudicationMicros ?? 0n);
}

/** The default price of one annotation in micro-dollars: hourly rate x usual seconds / 3600, rounded half up. */
export function priceFor(hourlyMicros: bigint, seconds: number): bigint {
  const milliseconds = toCount(Math.round(seconds * 1000), 'seconds');
  return (hourlyMicros * milliseconds + 1_800_000n) / 3_600_000n;
}
