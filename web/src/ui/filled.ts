import { t } from '../i18n/office';

/** A number that must be there by now. Throws where its field was left empty. */
export function filled(value: number | null): number {
  if (value === null) throw new Error(t('A number is missing.'));
  return value;
}
