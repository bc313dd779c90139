import { type Rng, seededRng } from '../rng.ts';
import type { CampaignAssumptions, CrowdAssumptions } from './assumptions.ts';
import type { Play } from './begin-play.ts';
import { type Option, optionsFor, refusalOf } from './options.ts';
import type { Outcome } from './scale.ts';
import { playCampaign } from './simulate.ts';

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
  /** Share of tasks that are given up without a label: nobody answers in time, or nobody may any more. */
  readonly unresolved: Band;
  readonly answersPerTask: Band;
  /** Where the campaign has a cap: the share of the simulated campaigns that it is enough for, and how many tasks it pays for. */
  readonly cap: { readonly enough: number; readonly tasks: Band } | null;
  /** How many answers it asks for, and up to how many where a label is less probable than this. */
  readonly asks: { readonly least: number; readonly most: number; readonly minConfidence: number };
}

export interface Plan {
  readonly options: readonly PlannedOption[];
  /** What could not be played, and why not. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[];
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

/** Draws what is true of the crowd for one run: the spread of these is what the pilot, or whoever assumes, leaves open. */
export type CrowdDraw = (rng: Rng) => CrowdAssumptions;

export interface PlanSettings {
  readonly runs: number;
  readonly seed: string;
  readonly wish?: Wish;
  /** The cap of the campaign, which ends it where the tasks cost more. */
  readonly capMicros?: bigint | undefined;
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
  settings: PlanSettings,
): Generator<number, Plan, void> {
  const outcomes: PlayedOption[] = [];
  const { maxPlayed } = settings;
  for (const play of playsOf(campaign, draw, settings)) {
    const outcome = playCampaign(play, { campaign, ...(maxPlayed === undefined ? {} : { maxPlayed }) });
    outcomes.push({ option: play.option, outcome });
    yield outcomes.length;
  }
  return planOf(campaign, outcomes, settings);
}

/** What one came to. */
export interface PlayedOption {
  readonly option: Option;
  readonly outcome: Outcome;
}

/** The campaigns that a plan plays. */
export function* playsOf(campaign: CampaignAssumptions, draw: CrowdDraw, settings: PlanSettings): Generator<Play> {
  const { runs, seed } = settings;
  for (const { option, refusal } of wantedOf(campaign, settings)) {
    if (refusal !== undefined) continue;
    for (let run = 0; run < runs; run++) {
      // The same crowds for every option, so that options differ by what they do.
      const crowd = draw(seededRng(`${seed} crowd ${run}`));
      yield { option, crowd, rng: seededRng(`${seed} ${option.name} ${run}`) };
    }
  }
}

function asksOf({
  policy: { redundancy, maxRedundancy, minConfidence, onDisagreement },
}: Option): PlannedOption['asks'] {
  return { least: redundancy, most: onDisagreement === 'extend' ? maxRedundancy : redundancy, minConfidence };
}

/** The options that are asked for, and of each why it cannot be played where it cannot. */
function wantedOf(campaign: CampaignAssumptions, { options, only }: PlanSettings) {
  return (options ?? optionsFor(campaign.judge !== null))
    .filter(({ name }) => only?.includes(name) ?? true)
    .map((option) => ({ option, refusal: refusalOf(option, campaign.annotators) }));
}

/** Where the campaigns that were played came out. */
export function planOf(campaign: CampaignAssumptions, played: readonly PlayedOption[], settings: PlanSettings): Plan {
  const { runs, seed, wish = {}, capMicros } = settings;
  const leftOut = wantedOf(campaign, settings).flatMap(({ option: { name }, refusal }) => {
    return refusal === undefined ? [] : [{ name, reason: refusal }];
  });
  const options = [...new Set(played.map(({ option }) => option))].map((option): PlannedOption => {
    const outcomes = played.flatMap((each) => (each.option === option ? [each.outcome] : []));
    return {
      name: option.name,
      judge: option.judge,
      costUsd: bandOf(outcomes.map(({ costMicros }) => Number(costMicros) / 1e6)),
      hours: bandOf(outcomes.map(({ hours }) => hours)),
      accuracy: bandOf(accuraciesOf(outcomes, campaign.tasks)),
      unresolved: bandOf(outcomes.map(({ unresolved }) => unresolved)),
      answersPerTask: bandOf(outcomes.map(({ answersPerTask }) => answersPerTask)),
      cap: capMicros === undefined ? null : cappedBy(capMicros, outcomes, campaign.tasks),
      asks: asksOf(option),
    };
  });
  return { options, leftOut, recommended: recommend(options, wish)?.name ?? null, runs, seed };
}

/** How many tasks a cap pays for: the early golds come first, and all else by the task. */
function cappedBy(capMicros: bigint, outcomes: readonly Outcome[], tasks: number) {
  const paid = outcomes.map(({ chargedMicros, earlyGoldMicros }) => {
    if (chargedMicros <= capMicros) return tasks;
    const byTask = Number(chargedMicros - earlyGoldMicros) / tasks;
    return Math.max(0, Math.floor(Number(capMicros - earlyGoldMicros) / byTask));
  });
  return { enough: paid.filter((count) => count === tasks).length / paid.length, tasks: bandOf(paid) };
}

/**
 * Of campaigns of which only a part was played, shares right that vary as they would over all their tasks. Where more of the
 * others were sampled than the played ones say something of, these say by how much each crowd differs from the mean. What
 * chance adds to shares of so few tasks (binomial) is taken out of their variance, and what it adds over all is put in.
 */
function accuraciesOf(outcomes: readonly Outcome[], tasks: number): number[] {
  const shares = outcomes.map(({ accuracy }) => accuracy);
  const played = Math.min(...outcomes.map(({ seenTasks }) => seenTasks));
  if (played >= tasks) return shares;
  const sampled = Math.min(...outcomes.map((each) => each.sampled.tasks));
  const varied = sampled > played ? outcomes.map(({ sampled: { right, tasks: of } }) => right / of) : shares;
  const [seen, mean] = [Math.max(sampled, played), meanOf(varied)];
  const variance = varied.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, varied.length - 1);
  if (variance === 0) return shares;
  const chance = mean * (1 - mean);
  const wanted = Math.max(0, variance - chance / seen) + chance / tasks;
  const factor = Math.min(1, Math.sqrt(wanted / variance));
  const level = meanOf(shares);
  return varied.map((each) => Math.min(1, Math.max(0, level + factor * (each - mean))));
}

const meanOf = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * For a budget: of what it holds nine times in ten, the most accurate. For an accuracy: of what reaches it nine times in
 * ten, the cheapest. For both: the cheapest that meets both. For neither: of what the campaign's cap is enough for nine times
 * in ten, the most accurate; without a cap, or where it is enough for none, the most accuracy for one more dollar than the next
 * cheaper one, which is where the frontier bends.
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
  const paidFor = options.filter(({ cap }) => cap && cap.enough >= 0.9);
  if (paidFor.length > 0) return leastBy(paidFor, (each) => -each.accuracy.p50);
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
