import { t } from '../i18n/office';

/** Of a field for an amount that there must be, as the server reads it. */
export const usdInput = () =>
  ({
    inputMode: 'decimal',
    pattern: String.raw`\s*\d{1,13}(\.\d{1,6})?\s*`,
    title: t('Dollars with at most 6 decimals, such as 12.34'),
    required: true,
  }) as const;
