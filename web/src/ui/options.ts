import { type Text, t } from '../i18n/office';
import { words } from './text';

/** Choices of a select, each by its words. */
export const options = (values: readonly string[]) => values.map((value) => ({ value, label: words(value) }));

/** Choices of a select, each by words of its own. */
export const inWords = <Value extends string>(of: Readonly<Record<Value, Text>>) =>
  (Object.entries(of) as [Value, Text][]).map(([value, text]) => ({ value, label: t(text) }));
