import { DirectionProvider, useDirection } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type Words } from './en';
import { speak } from './office';

export type Language = 'en' | 'ar';
export type Say = (key: keyof Words, values?: Readonly<Record<string, string | number>>) => string;

/** What has been loaded: English, and what was chosen. */
const tables: { [L in Language]?: Words } & { readonly en: Words } = { en };

/** Whether a page was asked for whose words are those of `office.ts`: nobody else loads them. */
let office = false;

/** Loads the words of a language; where they cannot be had, English stands for them. */
async function load(language: Language): Promise<void> {
  await Promise.all([loadShared(language), office && speak(language)]);
}

async function loadShared(language: Language): Promise<void> {
  if (language !== 'ar' || tables.ar) return;
  const loaded = await import('./ar').catch(() => undefined);
  if (loaded) tables.ar = loaded.ar;
}

/** The same with those of `office.ts`, and the looks of its pages. */
export async function loadOfficeLanguage(): Promise<void> {
  office = true;
  await Promise.all([load(preferred()), import('../office.css').catch(() => undefined)]);
}

/** Loads the words of the language that the page will be in. */
export const loadLanguage = (): Promise<void> => load(preferred());

export const LANGUAGES: readonly { readonly code: Language; readonly name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ar', name: 'العربية' },
];
const STORED = 'quorate.language';

interface I18n {
  readonly language: Language;
  readonly direction: 'ltr' | 'rtl';
  readonly say: Say;
  readonly choose: (language: Language) => void;
}

const directionOf = (language: Language): I18n['direction'] => (language === 'ar' ? 'rtl' : 'ltr');

const sayIn =
  (language: Language): Say =>
  (key, values = {}) =>
    (tables[language] ?? en)[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name] ?? whole;
      // As in `office.ts`: what runs the other way keeps its order.
      return language === 'ar' ? `\u2068${value}\u2069` : String(value);
    });

const Context = createContext<I18n | undefined>(undefined);

function preferred(): Language {
  const asked = localStorage.getItem(STORED) ?? navigator.language;
  return asked.startsWith('ar') ? 'ar' : 'en';
}

/** The language that was chosen; the document says which it is, and runs so. */
export function I18nProvider({ children }: { children: ReactNode }) {
  return (
    <DirectionProvider initialDirection={directionOf(preferred())} detectDirection={false}>
      <Translated>{children}</Translated>
    </DirectionProvider>
  );
}

function Translated({ children }: { children: ReactNode }) {
  const { setDirection } = useDirection();
  const [language, setLanguage] = useState(preferred);
  const value = useMemo(() => {
    const choose = (next: Language) => {
      localStorage.setItem(STORED, next);
      void load(next).then(() => setLanguage(next));
    };
    return { language, direction: directionOf(language), say: sayIn(language), choose };
  }, [language]);
  const { direction } = value;
  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    setDirection(direction);
  }, [language, direction, setDirection]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useI18n(): I18n {
  const found = useContext(Context);
  if (!found) throw new Error('useI18n is used outside of I18nProvider.');
  return found;
}

/** Of a page whose words are those of `office.ts`: it is rendered anew in another language. */
export const useOffice = (): void => void useI18n();

export const useSay = (): Say => useI18n().say;
