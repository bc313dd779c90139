import { MICROS_PER_USD, toCount, toPpm } from '../money.ts';
import type { TaskTypeName } from '../tasks/task-type.ts';
import type { Tier } from '../tiers.ts';
import { type CostFigures, USUAL_FIGURES } from './figures.ts';
import type { Platform } from './platforms.ts';

export interface CostQuestion {
  readonly type: TaskTypeName;
  readonly tier: Tier;
  readonly tasks: number;
  /** Answers a task. */
  readonly redundancy: number;
  /** Where nothing else is said. */
  readonly figures?: CostFigures | undefined;
  /** What an hour of work costs; by default the tier's rate. */
  readonly hourlyRateMicros?: bigint | undefined;
  /** Seconds for one annotation; by default the task type's. */
  readonly seconds?: number | undefined;
  /** By default the platform's. */
  readonly feeRatio?: number | undefined;
  readonly goldRatio?: number | undefined;
  readonly reviewRatio?: number | undefined;
  readonly reviewFactor?: number | undefined;
}

/** Dollars: per annotation and per task to 3 decimals, the other amounts to 2; halves are rounded up. */
export interface CostEstimate {
  readonly platform: Platform;
  readonly tasks: number;
  readonly redundancy: number;
  /** With gold, to a whole number; the costs are those of the exact number. */
  readonly totalAnnotations: number;
  readonly costPerAnnotation: number;
  readonly baseCost: number;
  readonly platformFee: number;
  readonly reviewCost: number;
  readonly totalCost: number;
  readonly costPerTask: number;
}

const PPM = 1_000_000n;
const MS_PER_HOUR = 3_600_000n;
/** Amounts are kept as whole multiples of a dollar / UNITS, in which every product below is exact. */
const UNITS = MICROS_PER_USD * MS_PER_HOUR * PPM * PPM;

/** The exact amounts, in units. */
function exactCost(platform: Platform, question: CostQuestion) {
  const { type, tier, figures = USUAL_FIGURES } = question;
  const { goldRatio = figures.goldRatio, reviewRatio = figures.reviewRatio } = question;
  const seconds = question.seconds ?? figures.seconds[type];
  const rate = question.hourlyRateMicros ?? figures.hourlyMicros[tier];
  const tasks = toCount(question.tasks, 'tasks');
  /** Of one annotation, in units without the two factors of a million. */
  const price = rate * toCount(Math.round(seconds * 1000), 'seconds');
  const annotationsPpm = tasks * toCount(question.redundancy, 'redundancy') * (PPM + toPpm(goldRatio, 'goldRatio'));
  const base = annotationsPpm * price * PPM;
  const fee = annotationsPpm * price * toPpm(question.feeRatio ?? figures.fees[platform], 'feeRatio');
  const review =
    tasks *
    toPpm(reviewRatio, 'reviewRatio') *
    price *
    toPpm(question.reviewFactor ?? figures.reviewFactor, 'reviewFactor');
  return { tasks, annotationsPpm, annotation: price * PPM * PPM, base, fee, review, total: base + fee + review };
}

/**
 * What a campaign costs on a platform:
 * - an annotation: hourly rate x seconds / 3600
 * - annotations: tasks x redundancy x (1 + gold)
 * - base: annotations x cost of one; fee: base x the platform's share
 * - review: tasks x share reviewed x cost of one x factor, without a fee
 *
 * Integers up to the last step, which rounds each figure by itself.
 */
export function estimateCost(platform: Platform, question: CostQuestion): CostEstimate {
  const { tasks, annotationsPpm, annotation, base, fee, review, total } = exactCost(platform, question);
  return {
    platform,
    tasks: question.tasks,
    redundancy: question.redundancy,
    totalAnnotations: rounded(annotationsPpm, PPM, 0),
    costPerAnnotation: rounded(annotation, UNITS, 3),
    baseCost: rounded(base, UNITS, 2),
    platformFee: rounded(fee, UNITS, 2),
    reviewCost: rounded(review, UNITS, 2),
    totalCost: rounded(total, UNITS, 2),
    costPerTask: tasks === 0n ? 0 : rounded(total, tasks * UNITS, 3),
  };
}

/**
 * From how many tasks a month it is cheaper to run the work oneself than on `platform`, when that costs
 * `hostingMicros` a month beside the self-hosted price; undefined where it never is.
 */
export function breakEvenTasks(
  platform: Platform,
  question: Omit<CostQuestion, 'tasks'>,
  hostingMicros: bigint = (question.figures ?? USUAL_FIGURES).hostingMicros,
  /** The same work of one's own people, where they are paid otherwise. */
  { feeRatio: _, ...own }: Omit<CostQuestion, 'tasks'> = question,
): number | undefined {
  const saved =
    exactCost(platform, { ...question, tasks: 1 }).total - exactCost('self_hosted', { ...own, tasks: 1 }).total;
  if (saved <= 0n) return undefined;
  const hosting = hostingMicros * (UNITS / MICROS_PER_USD);
  return Number((hosting + saved - 1n) / saved);
}

/** n / d (neither negative) with `decimals` decimals; halves go up. */
function rounded(n: bigint, d: bigint, decimals: number): number {
  const scale = 10n ** BigInt(decimals);
  const digits = ((2n * n * scale + d) / (2n * d)).toString().padStart(decimals + 1, '0');
  return Number(`${digits.slice(0, digits.length - decimals)}.${digits.slice(digits.length - decimals)}`);
}
