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

export function dateText(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}
