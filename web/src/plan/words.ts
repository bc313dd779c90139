import { t } from '../i18n/office';
import { count, counted, usd } from '../ui/text';

/** A policy's name in words. */
export function policyWords(name: string): string {
  const [policy = '', judge] = name.split('+');
  const answers = policy.startsWith('fixed:') ? Number(policy.slice('fixed:'.length)) : undefined;
  const said = answers === undefined ? t('as many as it takes') : counted(answers, 'answer');
  return judge === undefined ? said : t('{said}, a judge first', { said });
}

/** The same where there is little room. */
export const shortWords = (name: string): string => name.replace('fixed:', '').replace('+', ' + ');

/** Dollars, with cents below a hundred. */
export const roughUsd = (value: number): string => (value < 100 ? usd(value) : `$${count(value)}`);
