import type { Rng } from '../rng.ts';

const HOURS = 24;
/** Of an hour at work, the part that goes into answers. */
export const BUSY = 0.9;
/** How much a day's turnout differs from the plan: standard deviation of its logarithm. */
export const TURNOUT_LOG_SD = 0.15;
/** Hours that are looked at one by one: ten years. Beyond them it goes on by the hours of an average day. */
const MAX_HOURS = 10 * 365 * HOURS;
export const HOUR_MS = 3_600_000;

/** Annotators at work by hour, from the campaign's first, day for day the same. */
interface Hours {
  readonly atWork: readonly number[];
}

const turnoutOf = (rng: Rng) => Math.exp(TURNOUT_LOG_SD * rng.normal());

/**
 * Hours until `workS` seconds of work are done by those at work, hour by hour, with a turnout of each day's own; work
 * begins at the hour `from`.
 */
export function finishHours(workS: number, { atWork }: Hours, rng: Rng, from = 0): number {
  let left = workS;
  let turnout = from % HOURS === 0 ? 1 : turnoutOf(rng);
  for (let hour = Math.floor(from); hour < MAX_HOURS; hour++) {
    if (hour % HOURS === 0) turnout = turnoutOf(rng);
    const begins = Math.max(hour, from);
    const rate = (atWork[hour % HOURS] ?? 0) * 3600 * BUSY * turnout;
    const done = rate * (hour + 1 - begins);
    if (done >= left) return begins + (done === 0 ? 0 : left / rate);
    left -= done;
  }
  return Math.max(from, MAX_HOURS) + left / (averageOf(atWork) * 3600 * BUSY);
}

const averageOf = (hours: readonly number[]) => hours.reduce((sum, count) => sum + count, 0) / HOURS;

/** Days in which the finish is looked at person by person; after them those who are left work as on an average day. */
const DAYS_BY_PERSON = 60;

/**
 * As `finishHours`, by the people whose turn it is, of whom each has `leftS` seconds of work left in them: those whom golds will
 * stop few, all others any number. Where nobody is left all of them go on.
 */
export function finishHoursOf(
  workS: number,
  { atWork, leftS, newRoster }: Hours & { readonly leftS: readonly number[]; readonly newRoster: () => Roster },
  rng: Rng,
  from = 0,
): number {
  const left = [...leftS];
  const going = left.filter((seconds) => seconds === Number.POSITIVE_INFINITY).length / Math.max(1, left.length);
  const roster = newRoster();
  let todo = workS;
  for (let hour = 0; hour < DAYS_BY_PERSON * HOURS; hour++) {
    const present = roster(hour);
    // Asked for all the same: each hour has its draws.
    if (hour + 1 <= from) continue;
    const begins = Math.max(hour, from);
    const eachS = (hour + 1 - begins) * 3600 * BUSY;
    let done = 0;
    for (const at of present) {
      const own = Math.min(left[at] ?? 0, eachS);
      done += own;
      left[at] = (left[at] ?? 0) - own;
    }
    if (done > 0 && done >= todo) return begins + (todo / done) * (hour + 1 - begins);
    todo -= done;
  }
  const average = { atWork: atWork.map((count) => count * (going || 1)) };
  return finishHours(todo, average, rng, Math.max(from, DAYS_BY_PERSON * HOURS));
}

/** Of the time between two hours, the part with anybody at work. */
export function hoursManned(from: number, to: number, { atWork }: Hours): number {
  let sum = 0;
  for (let hour = Math.floor(from); hour < to; hour++) {
    if ((atWork[hour % HOURS] ?? 0) > 0) sum += Math.min(to, hour + 1) - Math.max(from, hour);
  }
  return sum;
}

/** When, after `from`, so many hours with anybody at work have gone by. */
export function afterHoursManned(hours: number, { atWork }: Hours, from: number): number {
  let left = hours;
  for (let hour = Math.floor(from); left > 0 && hour < from + MAX_HOURS; hour++) {
    if ((atWork[hour % HOURS] ?? 0) === 0) continue;
    const begins = Math.max(hour, from);
    if (begins + left <= hour + 1) return begins + left;
    left -= hour + 1 - begins;
  }
  return left > 0 ? Number.POSITIVE_INFINITY : from;
}

/** Who is at work in an hour; asked for hour by hour. */
export type Roster = (hour: number) => readonly number[];

/**
 * Who is at work in an hour, asked for hour by hour: each day has its turnout, and its people in an order of its own, of
 * whom as many come as are wanted; a part of one comes so often.
 */
export function createRoster({ annotators, atWork }: Hours & { readonly annotators: number }, rng: Rng): Roster {
  const people = Array.from({ length: annotators }, (_, at) => at);
  let turnout = 1;
  let today: readonly number[] = [];
  return (hour) => {
    if (hour % HOURS === 0) {
      turnout = turnoutOf(rng);
      today = rng.shuffle(people);
    }
    return today.slice(0, Math.floor((atWork[hour % HOURS] ?? 0) * turnout + rng.next()));
  };
}

/** The hours of a day (UTC) as a campaign meets them that begins at `startMs`, in the hour of which its first one lies. */
export function beginningAt(atWork: readonly number[], startMs: number): number[] {
  const first = new Date(startMs).getUTCHours();
  return atWork.map((_, hour) => atWork[(hour + first) % HOURS] ?? 0);
}

/** The last moment whose year has four digits. */
const LAST_MS = Date.UTC(9999, 11, 31);

/** The moment so many hours after the first hour of a campaign that begins at `startMs`, in ISO 8601; null beyond year 9999. */
export function momentAfter(hours: number, startMs: number): string | null {
  const atMs = Math.floor(startMs / HOUR_MS) * HOUR_MS + Math.round(hours * HOUR_MS);
  return atMs <= LAST_MS ? new Date(atMs).toISOString() : null;
}

/** The next midnight (UTC): when a plan's campaign begins where nobody says. */
export const nextMidnightMs = (nowMs: number): number => (Math.floor(nowMs / (HOURS * HOUR_MS)) + 1) * HOURS * HOUR_MS;

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
