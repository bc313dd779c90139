import type { Rng } from '../rng.ts';

const HOURS = 24;
/** Of an hour at work, the part that goes into answers. */
const BUSY = 0.9;
/** How much a day's turnout differs from the plan: standard deviation of its logarithm. */
const TURNOUT_LOG_SD = 0.15;
const MAX_HOURS = 10 * 365 * HOURS;

/** Hours until `workS` seconds of work are done by those at work, hour by hour, with a turnout of each day's own. */
export function finishHours(workS: number, { atWork }: { readonly atWork: readonly number[] }, rng: Rng): number {
  let left = workS;
  let turnout = 1;
  for (let hour = 0; hour < MAX_HOURS; hour++) {
    if (hour % HOURS === 0) turnout = Math.exp(TURNOUT_LOG_SD * rng.normal());
    const done = (atWork[hour % HOURS] ?? 0) * 3600 * BUSY * turnout;
    if (done >= left) return hour + (done === 0 ? 0 : left / done);
    left -= done;
  }
  return MAX_HOURS;
}

/** Annotators at work by hour (UTC) from "9-17:5,20-22:2": five from 9 to 17, two from 20 to 22; "5" is all day. */
export function parseAvailability(text: string): number[] | undefined {
  const atWork = new Array<number>(HOURS).fill(0);
  for (const part of text.split(',')) {
    const match = /^\s*(?:(\d{1,2})-(\d{1,2}):)?(\d{1,5})\s*$/.exec(part);
    if (!match) return undefined;
    const [from, to, count] = [Number(match[1] ?? 0), Number(match[2] ?? HOURS), Number(match[3])];
    if (from >= to || to > HOURS) return undefined;
    for (let hour = from; hour < to; hour++) atWork[hour] = (atWork[hour] ?? 0) + count;
  }
  return atWork.some((count) => count > 0) ? atWork : undefined;
}
