import type { Say } from '../i18n';
import { en, type Words } from '../i18n/en';

const isWords = (key: string): key is keyof Words => key in en;

/** Why a task was skipped or reported: what its annotator chose from the list, in words, and what they added. */
export function reasonText(reason: string, say: Say): string {
  const [, code, added] = /^(\w+)(?:: ([\s\S]*))?$/.exec(reason) ?? [];
  const chosen = `reason.${code}`;
  if (!isWords(chosen)) return reason;
  return added === undefined ? say(chosen) : `${say(chosen)}: ${added}`;
}
