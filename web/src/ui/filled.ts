import { t } from '../i18n/office';

export function filled(value: number | null): number {
  if (value === null) throw new Error(t('A number is missing.'));
  return value;
}
