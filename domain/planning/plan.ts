import { type Rng, seededRng } from '../rng.ts';
import type { TaskPolicy } from '../task-policy.ts';
import type { CrowdAssumptions } from './assumptions.ts';
import { type CampaignAssumptions, type Option, type Outcome, playCampaign } from './simulate.ts';

/** Ten, fifty and ninety in a hundred simulated campaigns come to less. */
export interface Band {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}

export interface PlannedOption {
  readonly name: string;
  readonly judge: boolean;
  readonly costUsd: Band;
  readonly hours: Band;
  readonly accuracy: Band;
  readonly answersPerTask: Band;
}

export interface Plan {
  readonly options: readonly PlannedOption[];
  /** By the wish that was given; null where no option meets it. */
  readonly recommended: string | null;
  readonly runs: number;
  readonly seed: string;
}

export interface Wish {
  /** The most it may cost, with nine chances in ten. */
  readonly budgetUsd?: number | undefined;
  /** The least accuracy, with nine chances in ten. */
  readonly accuracy?: number | undefined;
}

const DAY_MS = 24 * 3600 * 1000;
const base = { version: 1, windowMs: DAY_MS, adjudicationMs: DAY_MS, escalation: [] } as const;

function fixed(redundancy: number): TaskPolicy {
  return { ...base, redundancy, maxRedundancy: redundancy, minConfidence: 0, onDisagreement: 'accept' };
}

/** As campaigns are with `redundancyPolicy: adaptive`. */
const ADAPTIVE: TaskPolicy = {
  ...base,
  redundancy: 2,
  maxRedundancy: 5,
  minConfidence: 0.95,
  onDisagreement: 'extend',
  whenContested: 'accept',
};

/** One, three and five answers and adaptive; with a judge that gives one of them, where there is one. */
export function optionsFor(judge: boolean): Option[] {
  const plain: Option[] = [
    ...[1, 3, 5].map((n) => ({
      name: `fixed:${n}`,
      policy: fixed(n),
      redundancyPolicy: 'fixed' as const,
      judge: false,
    })),
    { name: 'adaptive', policy: ADAPTIVE, redundancyPolicy: 'adaptive', judge: false },
  ];
  return judge ? [...plain, ...plain.map((each) => ({ ...each, name: `${each.name}+judge`, judge: true }))] : plain;
}

/** Draws what is true of the crowd for one run: the spread of these is what the pilot, or whoever assumes, leaves open. */
export type CrowdDraw = (rng: Rng) => CrowdAssumptions;

export interface PlanSettings {
  readonly runs: number;
  readonly seed: string;
  readonly wish?: Wish;
  /** What to play; by default one, three and five answers and adaptive. */
  readonly options?: readonly Option[];
  /** Names of the options to play; by default all. */
  readonly only?: readonly string[];
  /** Tasks that are played one by one; by default `MAX_PLAYED`. */
  readonly maxPlayed?: number;
}

/** Plays `runs` campaigns of each option, each with a crowd of its own, and says where they come out. */
export function makePlan(campaign: CampaignAssumptions, draw: CrowdDraw, settings: PlanSettings): Plan {
  const steps = planSteps(campaign, draw, settings);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** As `makePlan`, stopping after each campaign (with the number that were played), so that a server can breathe. */
export function* planSteps(
  campaign: CampaignAssumptions,
  draw: CrowdDraw,
  { runs, seed, wish = {}, options: given, only, maxPlayed }: PlanSettings,
): Generator<number, Plan, void> {
  let played = 0;
  const options: PlannedOption[] = [];
  for (const option of given ?? optionsFor(campaign.judge !== null)) {
    if (only && !only.includes(option.name)) continue;
    const outcomes: Outcome[] = [];
    for (let run = 0; run < runs; run++) {
      // The same crowds for every option, so that options differ by what they do.
      const crowd = draw(seededRng(`${seed} crowd ${run}`));
      outcomes.push(playCampaign(option, campaign, crowd, seededRng(`${seed} ${option.name} ${run}`), maxPlayed));
      played += 1;
      yield played;
    }
    options.push({
      name: option.name,
      judge: option.judge,
      costUsd: bandOf(outcomes.map(({ costMicros }) => Number(costMicros) / 1e6)),
      hours: bandOf(outcomes.map(({ hours }) => hours)),
      accuracy: bandOf(outcomes.map(({ accuracy }) => accuracy)),
      answersPerTask: bandOf(outcomes.map(({ answersPerTask }) => answersPerTask)),
    });
  }
  return { options, recommended: recommend(options, wish)?.name ?? null, runs, seed };
}

/**
 * For a budget: of what it holds nine times in ten, the most accurate. For an accuracy: of what reaches it nine times in
 * ten, the cheapest. For both: the cheapest that meets both. For neither: the most accuracy for one more dollar than the
 * next cheaper one, which is where the frontier bends.
 */
export function recommend(options: readonly PlannedOption[], wish: Wish): PlannedOption | undefined {
  const { budgetUsd, accuracy } = wish;
  const fits = options.filter(
    (each) =>
      (budgetUsd === undefined || each.costUsd.p90 <= budgetUsd) &&
      (accuracy === undefined || each.accuracy.p10 >= accuracy),
  );
  if (accuracy !== undefined) return leastBy(fits, ({ costUsd }) => costUsd.p50);
  if (budgetUsd !== undefined) return leastBy(fits, (each) => -each.accuracy.p50);
  const edge = frontier(options);
  const [first] = edge;
  if (!first) return undefined;
  const last = edge.at(-1) ?? first;
  const span = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return leastBy(
    edge,
    (each) =>
      span(each.costUsd.p50 - first.costUsd.p50, last.costUsd.p50 - first.costUsd.p50) -
      span(each.accuracy.p50 - first.accuracy.p50, last.accuracy.p50 - first.accuracy.p50),
  );
}

/** Options that no other beats in both cost and accuracy, cheapest first. */
export function frontier(options: readonly PlannedOption[]): PlannedOption[] {
  const byCost = options.toSorted((a, b) => a.costUsd.p50 - b.costUsd.p50 || b.accuracy.p50 - a.accuracy.p50);
  const edge: PlannedOption[] = [];
  for (const each of byCost) {
    if (each.accuracy.p50 > (edge.at(-1)?.accuracy.p50 ?? Number.NEGATIVE_INFINITY)) edge.push(each);
  }
  return edge;
}

function leastBy<T>(values: readonly T[], of: (value: T) => number): T | undefined {
  let least: T | undefined;
  for (const value of values) if (least === undefined || of(value) < of(least)) least = value;
  return least;
}

/**
 * Quantiles between the sorted values (Hyndman and Fan, 1996, type 6): of n campaigns like these, one more falls below
 * the k-th in k of n + 1 cases, so that the band holds it as often as it says also after few runs. (Type 7, the usual
 * one, would hold 75 of 100 by 30 runs.)
 */
export function bandOf(values: readonly number[]): Band {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = Math.min(sorted.length - 1, Math.max(0, share * (sorted.length + 1) - 1));
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? below) - below);
  };
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
