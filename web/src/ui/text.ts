import type { CampaignHead, TaskType } from '../api/types';

export const TYPE_NAMES: Readonly<Record<TaskType, string>> = {
  classification: 'Classification',
  likert: 'Likert scale',
  pairwise: 'Pairwise comparison',
  preference_ranking: 'Preference ranking',
  span: 'Spans',
  free_text: 'Free text',
  dialog: 'Dialog',
};

export const STATE_COLORS: Readonly<Record<CampaignHead['state'], string>> = {
  draft: 'gray',
  running: 'green',
  paused: 'yellow',
  stopping: 'orange',
  finished: 'indigo',
  stopped: 'gray',
};

/** snake_case as words. */
export const words = (name: string): string => name.replaceAll('_', ' ');

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Micro-dollars as dollars and cents; amounts under ten cents keep what they need. */
export function dollars(micros: number): string {
  const digits = micros !== 0 && Math.abs(micros) < 100_000 ? 4 : 2;
  return `$${(micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

export function dateText(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** A label in one line: text as it is, everything else as JSON. */
export function labelText(label: unknown, most = 120): string {
  if (label === null || label === undefined) return '–';
  const text = typeof label === 'string' ? label : JSON.stringify(label);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
