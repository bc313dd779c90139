import { formatUsd } from '../money.ts';

/** What answers of one region took and earned. */
export interface MeasuredPay {
  readonly answers: number;
  readonly seconds: number;
  readonly earnedMicros: bigint;
}

export interface FloorCheck {
  /** Pay for a focused hour at the measured speed; null before there is any. */
  readonly hourlyMicros: bigint | null;
  /** The price of an answer at which an hour comes to the floor, rounded up to a hundredth of a cent; null before. */
  readonly rightPriceMicros: bigint | null;
  /** False where the floor is not met. True before there are enough answers to tell. */
  readonly meets: boolean;
}

/** Fewer answers say little about how long one takes. */
export const FLOOR_MIN_ANSWERS = 20;
const STEP_MICROS = 100n;

/** Whether what is paid for an answer meets an hourly floor at the speed that was measured. */
export function checkFloor({ answers, seconds, earnedMicros }: MeasuredPay, floorMicros: bigint): FloorCheck {
  const milliseconds = BigInt(Math.round(seconds * 1000));
  if (answers < FLOOR_MIN_ANSWERS || milliseconds === 0n) {
    return { hourlyMicros: null, rightPriceMicros: null, meets: true };
  }
  const hourlyMicros = (earnedMicros * 3_600_000n) / milliseconds;
  const per = 3_600_000n * BigInt(answers) * STEP_MICROS;
  const rightPriceMicros = ((floorMicros * milliseconds + per - 1n) / per) * STEP_MICROS;
  return { hourlyMicros, rightPriceMicros, meets: earnedMicros * 3_600_000n >= floorMicros * milliseconds };
}

/** Pay that is below the floor of a region, in words: what an hour comes to, and the price that would meet the floor. */
export function belowFloor(found: {
  region: string;
  hourlyMicros: bigint;
  floorMicros: bigint;
  rightPriceMicros: bigint;
}): string {
  const { region, hourlyMicros, floorMicros, rightPriceMicros } = found;
  return (
    `In ${region || 'regions that are not known'} a focused hour comes to $${formatUsd(hourlyMicros)}, ` +
    `below the floor of $${formatUsd(floorMicros)}: set priceUsd to at least ${formatUsd(rightPriceMicros)}.`
  );
}
