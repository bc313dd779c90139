import { t } from '../i18n/office';

/** Of a field for an amount, as the server reads it; one that need not be there may be blank. */
export const usdInput = (required = true) => {
  const amount = String.raw`\d{1,12}(\.\d{1,6})?\s*`;
  return {
    inputMode: 'decimal',
    pattern: String.raw`\s*${required ? amount : `(${amount})?`}`,
    title: t('Dollars with at most 6 decimals, such as 12.34'),
    required,
  } as const;
};
