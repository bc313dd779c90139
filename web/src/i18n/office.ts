import type { nouns as arabicNouns, texts as arabicTexts } from './office-ar';

/** What the pages of those who run campaigns say, and those by which people come in, in English; each has its Arabic in `office-ar.ts`. */
export type Text = keyof typeof arabicTexts;
/** What is counted there, in the singular. */
export type Noun = keyof typeof arabicNouns;

/** Arabic has a form of its own for one, two, a few (3 to 10), many (11 to 99) and all others. */
export type Forms = readonly [one: string, two: string, few: string, many: string, other: string];

interface Table {
  readonly texts: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, string>>;
  readonly nouns: Readonly<Record<string, Forms>>;
}

let arabic: Table | undefined;
/** Of the language that the pages are in; undefined for English. */
let table: Table | undefined;

/** Has these pages speak a language from their next rendering on; where its words cannot be had, English stands for them. */
export async function speak(language: 'en' | 'ar'): Promise<void> {
  if (language === 'ar') arabic ??= await import('./office-ar').catch(() => undefined);
  table = language === 'ar' ? arabic : undefined;
}

/** For dates, with hours from 0 to 23. Numbers have Western digits in both languages: tables, charts and files have the same. */
export const locale = (language: 'en' | 'ar' = table ? 'ar' : 'en'): string =>
  language === 'ar' ? 'ar-u-nu-latn-hc-h23' : 'en-GB';

/** An amount, whose signs stay on their side of it, whatever is around it. */
export const amount = (text: string): string => (table ? `\u2066${text}\u2069` : text);

/** A text in the language of the page. `{name}` stands for what is put in. */
export function t(text: Text, values: Readonly<Record<string, string | number>> = {}): string {
  const translated = table?.texts[text] ?? text;
  return translated.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    // Names and amounts that run the other way keep their order.
    return table ? `\u2068${value}\u2069` : String(value);
  });
}

/** What the server names, such as a state, in the language of the page where it is known in it. */
export const known = (name: string): string => (table ? table.names[name] : ENGLISH[name]) ?? name;

/** What is called otherwise than its name in the API, with its underscores as spaces. */
const ENGLISH: Readonly<Record<string, string>> = {
  'scale ai': 'Scale AI',
  'surge ai': 'Surge AI',
  prolific: 'Prolific',
  mturk: 'MTurk',
  labelbox: 'Labelbox',
  'self hosted': 'self-hosted',
  'llm judge': 'LLM judge',
};

const FORMS = { one: 0, two: 1, few: 2, many: 3, other: 4, zero: 4 } as const;

/** A number with what is counted, where the page's language counts otherwise than English. */
export function countedHere(value: number, noun: Noun, shown: string): string | undefined {
  const forms = table?.nouns[noun];
  if (!forms) return undefined;
  const form = forms[FORMS[new Intl.PluralRules('ar').select(value)]];
  return value === 1 || value === 2 ? form : `${shown} ${form}`;
}
