import { DirectionProvider, useDirection } from '@mantine/core';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { ar } from './ar';
import { en, type Words } from './en';

export type Language = 'en' | 'ar';
export type Say = (key: keyof Words, values?: Readonly<Record<string, string | number>>) => string;

const TABLES: Readonly<Record<Language, Words>> = { en, ar };
export const LANGUAGES: readonly { readonly code: Language; readonly name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'ar', name: 'العربية' },
];
const STORED = 'quorate.language';

interface I18n {
  readonly language: Language;
  readonly say: Say;
  readonly choose: (language: Language) => void;
}

const Context = createContext<I18n | undefined>(undefined);

function preferred(): Language {
  const asked = localStorage.getItem(STORED) ?? navigator.language;
  return asked.startsWith('ar') ? 'ar' : 'en';
}

/** The language of the pages, and with it their direction. */
export function I18nProvider({ children }: { children: ReactNode }) {
  return (
    <DirectionProvider initialDirection={preferred() === 'ar' ? 'rtl' : 'ltr'} detectDirection={false}>
      <Translated>{children}</Translated>
    </DirectionProvider>
  );
}

function Translated({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferred);
  const { setDirection } = useDirection();
  useEffect(() => {
    const direction = language === 'ar' ? 'rtl' : 'ltr';
    document.documentElement.lang = language;
    document.documentElement.dir = direction;
    setDirection(direction);
  }, [language, setDirection]);
  const value = useMemo(() => {
    const say: Say = (key, values = {}) =>
      TABLES[language][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
    const choose = (next: Language) => {
      localStorage.setItem(STORED, next);
      setLanguage(next);
    };
    return { language, say, choose };
  }, [language]);
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

export function useI18n(): I18n {
  const found = useContext(Context);
  if (!found) throw new Error('useI18n is used outside of I18nProvider.');
  return found;
}

export const useSay = (): Say => useI18n().say;
