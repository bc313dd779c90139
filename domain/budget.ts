import { goldFloorMicros } from './feasibility.ts';
import { formatUsd, leastMicros, mostMicros, worstCaseMicros } from './money.ts';
import { type ConsistencyRules, repeatReserveMicros } from './quality/consistency.ts';
import { MOST_GOLDS } from './routing.ts';

/** Shares of a cap, in percent, at which is warned. */
export const WARNING_PERCENTS = [50, 80, 95] as const;

/** A share of a cap that was reached, in words. */
export function warningText(warning: {
  readonly scope: 'campaign' | 'organisation' | 'workforce' | 'hedge';
  readonly name: string;
  readonly reachedBy: 'spent' | 'committed';
  readonly percent: number;
  readonly capMicros: bigint;
}): string {
  const cap = {
    campaign: 'the budget',
    organisation: 'the cap of all campaigns together',
    workforce: `the cap of the workforce ${warning.name}`,
    hedge: 'the cap of hedges',
  }[warning.scope];
  const what = warning.reachedBy === 'spent' ? 'spent' : 'spent or reserved';
  return `${warning.percent}% of ${cap}, $${formatUsd(warning.capMicros)}, are ${what}.`;
}

interface Limit {
  readonly capMicros: bigint;
  readonly drawnMicros: bigint;
}

/** What a limit leaves; null where there is none. */
export const leftOf = (limit: Limit | null | undefined): bigint | null =>
  limit ? limit.capMicros - limit.drawnMicros : null;

/** What is left under the cap of the workforce that is asked first; null where it has none. */
export function firstWorkforceLeft(
  limits: readonly (Limit & { readonly scope: string; readonly name: string })[],
  [first]: readonly string[],
): { name: string; freeMicros: bigint } | null {
  const found = limits.find(({ scope, name }) => scope === 'workforce' && name === first);
  return found ? { name: found.name, freeMicros: found.capMicros - found.drawnMicros } : null;
}

/** Why a campaign chooses nothing more just now: which limit has no room for a task; undefined where all have, and of its own cap. */
export function waitsFor(room: {
  readonly taskMicros: bigint;
  /** What each leaves; null where there is none. */
  readonly dayMicros: bigint | null;
  readonly organisationMicros: bigint | null;
  readonly workforce: { readonly name: string; readonly freeMicros: bigint } | null;
}): string | undefined {
  const { taskMicros, dayMicros, organisationMicros, workforce } = room;
  const limits = [
    { freeMicros: organisationMicros, until: 'the cap of all campaigns together', which: 'it' },
    {
      freeMicros: workforce ? workforce.freeMicros : null,
      until: `the cap of the workforce ${workforce?.name}`,
      which: 'it',
    },
    { freeMicros: dayMicros, until: 'the next day (UTC)', which: 'this one' },
  ];
  for (const { freeMicros, until, which } of limits) {
    if (freeMicros === null || freeMicros >= taskMicros) continue;
    const left = formatUsd(mostMicros(0n, freeMicros));
    return `Nothing more is chosen until ${until} has room for a task, which may cost $${formatUsd(taskMicros)}: ${which} leaves $${left}.`;
  }
  return undefined;
}

export interface Exposure {
  /**
   * What it comes to at most if nothing more is chosen: spent, reserved, pay that waits for money, and hedges of what is at
   * vendors.
   */
  readonly committedMicros: bigint;
  /** And if the whole pool is chosen: every task at its most answers and dearest price, with golds, repeats and hedges. */
  readonly wholePoolMicros: bigint;
  /** The most it can come to under the caps as they are: its own, its organisation's, or the whole pool where that is less. */
  readonly atMostMicros: bigint;
}

/** What the most that a campaign can come to depends on. */
export interface ExposureFacts {
  readonly capMicros: bigint;
  readonly reservedMicros: bigint;
  readonly spentMicros: bigint;
  readonly owedMicros: bigint;
  /** Items that no task was made of. */
  readonly pool: number;
  readonly maxRedundancy: number;
  /** Tasks that may be opened again for more answers, and for how many more each. */
  readonly askedAgain: { readonly tasks: number; readonly answers: number };
  /** An answer's price after every raise. */
  readonly highestPriceMicros: bigint;
  /** What its vendors may take for an answer. */
  readonly vendorPricesMicros: readonly bigint[];
  /** Share of assignments that are golds. */
  readonly goldRatio: number;
  readonly goldItems: number;
  /** Golds that every new annotator meets early, how many annotators may work on it, and how many of these they have met. */
  readonly goldFloor: number;
  readonly annotators: number;
  readonly met?: number;
  readonly consistency: ConsistencyRules | null | undefined;
  /** How many workforces of a task's ladder may be asked beside a vendor that is slow; 0 without hedging. */
  readonly hedges: number;
  /** What asking others, too, of what vendors have now would cost. */
  readonly openHedgesMicros: bigint;
  /** What the cap for hedges and the organisation's leave; null where there is none. */
  readonly hedgeFreeMicros: bigint | null;
  readonly organisationFreeMicros: bigint | null;
}

/** How many golds come beside one other answer: the ratio is of all assignments, so that it is 5 to 95 others, not 4.75. */
function goldsBeside({ goldRatio, goldItems }: { readonly goldRatio: number; readonly goldItems: number }): number {
  const share = Math.min(MOST_GOLDS, goldRatio);
  return goldItems > 0 ? share / (1 - share) : 0;
}

/** The most a campaign can still come to. */
export function exposureOf(campaign: ExposureFacts): Exposure {
  const { capMicros, pool, maxRedundancy } = campaign;
  const { hedgeFreeMicros, organisationFreeMicros } = campaign;
  const bookedMicros = campaign.reservedMicros + campaign.spentMicros;
  const hedged = (micros: bigint) => leastMicros(micros, hedgeFreeMicros ?? micros);
  const committedMicros = bookedMicros + campaign.owedMicros + hedged(campaign.openHedgesMicros);
  const priceMicros = mostMicros(campaign.highestPriceMicros, ...campaign.vendorPricesMicros);
  const goldRatio = goldsBeside(campaign);
  const work = worstCaseMicros({ tasks: pool, maxRedundancy, priceMicros, goldRatio });
  const early = goldFloorMicros({ ...campaign, answers: pool * maxRedundancy, priceMicros });
  const again = BigInt(campaign.askedAgain.tasks * Math.max(0, campaign.askedAgain.answers)) * priceMicros;
  const repeats = BigInt(pool) * repeatReserveMicros(campaign.consistency, { answers: maxRedundancy, priceMicros });
  const hedges = BigInt(pool * campaign.hedges * maxRedundancy) * priceMicros;
  const wholePoolMicros =
    bookedMicros + campaign.owedMicros + work + again + early + repeats + hedged(campaign.openHedgesMicros + hedges);
  return {
    committedMicros,
    wholePoolMicros,
    atMostMicros: leastMicros(
      wholePoolMicros,
      capMicros,
      organisationFreeMicros === null ? capMicros : bookedMicros + organisationFreeMicros,
    ),
  };
}

/** What the tasks that are left are likely to cost. */
export interface SpendForecast {
  readonly tasksLeft: number;
  /** Of one, with its share of golds. */
  readonly taskMicros: bigint;
  readonly restMicros: bigint;
  /** How many of them the cap pays for. */
  readonly tasksCovered: number;
}

/** What is left at what tasks came to that have ended; undefined where none has, or nothing is left. */
export function forecastSpend(campaign: {
  readonly capMicros: bigint;
  readonly spentMicros: bigint;
  /** Items that may still be chosen; 0 where it chooses no more. */
  readonly pool: number;
  readonly tasksOpen: number;
  /** Tasks that were chosen so far, and the most that may be; null where there is no such number. */
  readonly chosen: number;
  readonly maxTasks: number | null;
  /** Tasks that have ended, and what these cost. */
  readonly ended: { readonly tasks: number; readonly costMicros: bigint };
  readonly goldRatio: number;
  readonly goldItems: number;
}): SpendForecast | undefined {
  const { pool, tasksOpen, chosen, maxTasks, ended, capMicros, spentMicros } = campaign;
  const tasksLeft = tasksOpen + (maxTasks === null ? pool : Math.max(0, Math.min(pool, maxTasks - chosen)));
  if (ended.tasks === 0 || tasksLeft === 0) return undefined;
  const tasks = BigInt(ended.tasks);
  const goldsPpm = BigInt(Math.round(goldsBeside(campaign) * 1e6));
  const costMicros = ended.costMicros + (ended.costMicros * goldsPpm) / 1_000_000n;
  const room = mostMicros(0n, capMicros - spentMicros);
  const covered = costMicros === 0n ? BigInt(tasksLeft) : (room * tasks) / costMicros;
  return {
    tasksLeft,
    taskMicros: costMicros / tasks,
    restMicros: (costMicros * BigInt(tasksLeft)) / tasks,
    tasksCovered: Number(leastMicros(covered, BigInt(tasksLeft))),
  };
}
