import { advicePairs } from './preference-pairs-advice.ts';
import { codePairs } from './preference-pairs-code.ts';
import { generalPairs } from './preference-pairs-general.ts';
import { languagesPairs } from './preference-pairs-languages.ts';
import { mathsPairs } from './preference-pairs-maths.ts';
import type { PreferencePair } from './preference-pairs-shape.ts';
import { writingPairs } from './preference-pairs-writing.ts';

/** A pair with its field of knowledge, by which routing prefers annotators with that specialization. */
export interface DemoPair extends PreferencePair {
  readonly domain: string;
}

const byDomain: Record<string, readonly PreferencePair[]> = {
  general: generalPairs,
  writing: writingPairs,
  code: codePairs,
  maths: mathsPairs,
  advice: advicePairs,
  languages: languagesPairs,
};

/**
 * The demo's preference campaign: 110 prompts with two answers each, written for it. Sides are balanced (the better
 * answer is as often "a" as "b"), and length gives nothing away (the longer answer wins about half of the time).
 */
export const preferencePairs: readonly DemoPair[] = Object.entries(byDomain).flatMap(([domain, pairs]) =>
  pairs.map((pair) => ({ ...pair, domain })),
);
