import { QuorateError } from '../failures.ts';

/** A month of the books, in UTC: from its first moment to the first of the next. */
export interface Period {
  /** Such as "2026-11". */
  readonly name: string;
  readonly startsAt: Date;
  /** The first moment that is no longer part of it. */
  readonly endsAt: Date;
}

/** Reads "2026-11". Throws invalid_input for anything that is no month. */
export function parsePeriod(name: string, field = 'period'): Period {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name);
  const year = Number(match?.[1]);
  if (!match || year < 2000) {
    const message = `${field} is ${JSON.stringify(name.slice(0, 40))}; it must be a month such as "2026-11".`;
    throw new QuorateError('invalid_input', message, { field });
  }
  const month = Number(match[2]);
  return { name, startsAt: new Date(Date.UTC(year, month - 1)), endsAt: new Date(Date.UTC(year, month)) };
}

/** The period a moment belongs to. */
export function periodAt(at: Date): Period {
  return parsePeriod(at.toISOString().slice(0, 7));
}
