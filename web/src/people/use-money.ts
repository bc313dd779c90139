import { useI18n } from '../i18n';

/** Dollars (a decimal text) as the language of the page writes them. */
export function useMoney(): (usd: string) => string {
  const { language } = useI18n();
  const format = new Intl.NumberFormat(language, { style: 'currency', currency: 'USD', maximumFractionDigits: 4 });
  return (usd) => format.format(Number(usd));
}
