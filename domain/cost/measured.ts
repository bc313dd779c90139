import type { CostQuestion } from './cost-model.ts';
import { PLATFORMS, type Platform } from './platforms.ts';

/** Fewer answers say little about what one costs. */
export const LEAST_MEASURED = 20;

/** What a campaign's answers of a vendor's workers, or of its judges, cost and took. */
export interface MeasuredElsewhere {
  readonly platform: Platform | 'llm_judge';
  readonly answers: number;
  /** Null where nobody said. */
  readonly secondsEach: number | null;
  /** Of one answer, fee included. */
  readonly priceMicros: bigint;
  /** Of that, what the platform is known to keep. */
  readonly feeMicros: bigint;
}

/** Answers that were bought of one workforce. */
export interface Bought {
  readonly workforce: string;
  readonly answers: number;
  /** Of how many it is known how long they took, and how long together. */
  readonly timed: number;
  readonly seconds: number;
  readonly paidMicros: bigint;
  readonly feeMicros: bigint;
}

/** What was bought, by platform as the cost model names them; those of which there is enough to go by. */
export function measuredElsewhere(bought: readonly Bought[]): MeasuredElsewhere[] {
  return ([...PLATFORMS, 'llm_judge'] as const).flatMap((platform) => {
    const own = bought.filter(({ workforce }) => platformOf(workforce) === platform);
    const sum = (of: (each: Bought) => number) => own.reduce((total, each) => total + of(each), 0);
    const micros = (of: (each: Bought) => bigint) => own.reduce((total, each) => total + of(each), 0n);
    const answers = sum((each) => each.answers);
    const timed = sum((each) => each.timed);
    if (answers < LEAST_MEASURED) return [];
    return [
      {
        ...{ platform, answers },
        secondsEach: timed < LEAST_MEASURED ? null : Number((sum((each) => each.seconds) / timed).toFixed(3)),
        priceMicros: micros((each) => each.paidMicros) / BigInt(answers),
        feeMicros: micros((each) => each.feeMicros) / BigInt(answers),
      },
    ];
  });
}

function platformOf(workforce: string): MeasuredElsewhere['platform'] {
  if (workforce === 'llm') return 'llm_judge';
  return PLATFORMS.find((name) => name === workforce) ?? 'other';
}

/**
 * The question for one platform: what its workers were paid, and what it kept, replace rate, seconds and fee. A price by
 * contract holds its fee, which nobody says.
 */
export function questionFor<Q extends Omit<CostQuestion, 'tasks'>>(
  platform: Platform,
  question: Q,
  elsewhere: readonly MeasuredElsewhere[],
): Q {
  const own = elsewhere.find((each) => each.platform === platform);
  if (!own || own.priceMicros <= own.feeMicros) return question;
  const workMicros = own.priceMicros - own.feeMicros;
  const feeRatio = Number(((1_000_000n * own.feeMicros) / workMicros).toString()) / 1e6;
  // An hour each, at that rate an hour: this price, exactly.
  return { ...question, hourlyRateMicros: workMicros, seconds: 3600, feeRatio: question.feeRatio ?? feeRatio };
}
