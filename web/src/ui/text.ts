import type { CampaignHead, TaskType } from '../api/types';
import { amount, countedHere, known, locale, type Noun, type Text, t } from '../i18n/office';

const TYPE_NAMES: Readonly<Record<TaskType, Text>> = {
  classification: 'Classification',
  likert: 'Likert scale',
  pairwise: 'Pairwise comparison',
  preference_ranking: 'Preference ranking',
  span: 'Spans',
  free_text: 'Free text',
  dialog: 'Dialog',
};

export const TASK_TYPES = Object.keys(TYPE_NAMES) as TaskType[];
export const typeName = (type: TaskType): string => t(TYPE_NAMES[type]);

export const STATE_COLORS: Readonly<Record<CampaignHead['state'], string>> = {
  draft: 'gray',
  running: 'green',
  paused: 'yellow',
  stopping: 'orange',
  finished: 'indigo',
  stopped: 'gray',
};

/** snake_case as words, in the page's language where they are known in it. */
export const words = (name: string): string => known(name.replaceAll('_', ' '));

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** A number with what is counted, by its regular plural or the given one: "1 task", "1,200 tasks". */
export const counted = (value: number, one: Noun, many = `${one}s`): string =>
  countedHere(value, one, count(value)) ?? `${count(value)} ${value === 1 ? one : many}`;

/** Micro-dollars as dollars and cents; of less than a dollar, and with less than a cent in it, to a hundredth of one. */
export function dollars(micros: number): string {
  const digits = Math.abs(micros) >= 1e6 || Math.round(micros) % 10_000 === 0 ? 2 : 4;
  const sign = micros < 0 ? '-' : '';
  return amount(
    `${sign}$${(Math.abs(micros) / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`,
  );
}

/** An amount as the server writes it, as people read it; a dash where there is none. */
export const dollarsOf = (text: string | null): string => (text === null ? '–' : dollars(1e6 * Number(text)));

/** Dollars with cents, and up to so many digits of them. */
export const usd = (value: number, digits = 2): string =>
  amount(`$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`);

/** About so many dollars, for what is estimated. */
export const aboutDollars = (micros: number): string => dollars(Math.round(micros / 10_000) * 10_000);

export const percent = (share: number): string => amount(`${(100 * share).toFixed(1)}%`);

/** As an axis has it: in figures alone, the year first, as no other order is read alike everywhere. */
export const shortTime = (ms: number): string =>
  new Date(ms).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' });

export function dateText(iso: string, language?: 'en' | 'ar'): string {
  return new Date(iso).toLocaleString(locale(language), { dateStyle: 'medium', timeStyle: 'short' });
}

/** How long ago, roughly: 45 s, 12 min, 7 h, 3 d. */
export const sinceText = (iso: string, nowMs: number): string =>
  spanText(Math.max(0, (nowMs - Date.parse(iso)) / 1000), 0);

/** Seconds in the unit that a person would say them in. */
export function spanText(seconds: number, digits = 1): string {
  if (seconds < 90) return t('{value} s', { value: seconds.toFixed(digits) });
  if (seconds < 5400) return t('{value} min', { value: (seconds / 60).toFixed(digits) });
  return seconds < 129_600
    ? t('{value} h', { value: (seconds / 3600).toFixed(digits) })
    : t('{value} d', { value: (seconds / 86_400).toFixed(digits) });
}
