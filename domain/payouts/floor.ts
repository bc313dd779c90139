import { formatUsd, mostMicros } from '../money.ts';

/** What answers of one region took, and earned. */
export interface MeasuredPay {
  readonly answers: number;
  readonly seconds: number;
  /** What 95 of 100 took no longer than. */
  readonly longSeconds: number;
  readonly earnedMicros: bigint;
}

/** What an answer pays now. */
export interface PresentPay {
  /** By the hour: at most. */
  readonly priceMicros: bigint;
  /** Of a focused hour; null where answers are paid by themselves. */
  readonly rateMicros: bigint | null;
}

export interface FloorCheck {
  /** What a focused hour comes to at the measured speed, by what an answer pays now, or by the hour has earned; null before there is any. */
  readonly hourlyMicros: bigint | null;
  /**
   * The price of an answer at which an hour comes to the floor, or by the hour at which long answers are paid in full;
   * rounded up to a hundredth of a cent; null before.
   */
  readonly rightPriceMicros: bigint | null;
  /** False where the floor is not met. True before there are enough answers to tell. */
  readonly meets: boolean;
}

/** Fewer answers say little about how long one takes. */
export const FLOOR_MIN_ANSWERS = 20;
const STEP_MICROS = 100n;

/** Whether what is paid for an answer meets an hourly floor at the speed that was measured. */
export function checkFloor(measured: MeasuredPay, floorMicros: bigint, pay: PresentPay): FloorCheck {
  const { answers, seconds, longSeconds } = measured;
  const { priceMicros, rateMicros } = pay;
  const milliseconds = millisecondsOf(seconds);
  if (answers < FLOOR_MIN_ANSWERS || milliseconds === 0n) {
    return { hourlyMicros: null, rightPriceMicros: null, meets: true };
  }
  if (rateMicros === null) {
    // What was earned at an earlier price says nothing of this one.
    const earned = priceMicros * BigInt(answers) * HOUR_MS;
    const rightPriceMicros = inSteps(floorMicros * milliseconds, HOUR_MS * BigInt(answers));
    return { hourlyMicros: earned / milliseconds, rightPriceMicros, meets: earned >= floorMicros * milliseconds };
  }
  // By the hour nobody is below the floor but who takes longer than the price allows for.
  const earned = measured.earnedMicros * HOUR_MS;
  const rightPriceMicros = inSteps(mostMicros(rateMicros, floorMicros) * millisecondsOf(longSeconds), HOUR_MS);
  const meets = priceMicros >= rightPriceMicros || earned >= floorMicros * milliseconds;
  return { hourlyMicros: earned / milliseconds, rightPriceMicros, meets };
}

const HOUR_MS = 3_600_000n;

const millisecondsOf = (seconds: number) => BigInt(Math.round(seconds * 1000));

/** A price of `micros / per`, rounded up to a step. */
function inSteps(micros: bigint, per: bigint): bigint {
  const step = per * STEP_MICROS;
  return ((micros + step - 1n) / step) * STEP_MICROS;
}

/** Pay that is below the floor of a region, in words: what an hour comes to, and the price that would meet the floor. */
export function belowFloor(found: {
  region: string;
  hourlyMicros: bigint;
  floorMicros: bigint;
  rightPriceMicros: bigint;
  byTheHour: boolean;
}): string {
  const { region, hourlyMicros, floorMicros, rightPriceMicros, byTheHour } = found;
  return (
    `In ${region || 'regions that are not known'} a focused hour comes to $${formatUsd(hourlyMicros)}, ` +
    `below the floor of $${formatUsd(floorMicros)}: set priceUsd${byTheHour ? ', the most that an answer may earn,' : ''} ` +
    `to at least ${formatUsd(rightPriceMicros)}.`
  );
}
