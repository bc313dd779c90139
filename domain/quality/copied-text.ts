import { containment, shinglesOf, similarity } from './near-duplicate.ts';
import type { CopiedTextRules } from './rules.ts';
import type { Signal } from './signal.ts';

/** An answer whose share of the item's own words is at least this says what the item says, as others will too. */
const QUOTES = 0.5;

/**
 * Whether a text is nearly that of another annotator on the same task (`peers`, those given before) or the annotator's
 * own one to another item (`own`). Undefined for short texts, for those that mostly quote the item (`source`), and
 * where most of several others wrote alike: then the task leads to that text, and nobody copied.
 */
export function copiedText(
  given: { text: string; source: string; peers: readonly string[]; own: readonly string[] },
  rules: CopiedTextRules,
): Signal | undefined {
  const text = shinglesOf(given.text);
  if (text.length < rules.minCharacters || containment(text, shinglesOf(given.source)) >= QUOTES) return undefined;
  const alike = (others: readonly string[]) =>
    others.map((each) => similarity(text, shinglesOf(each))).filter((value) => value >= rules.minSimilarity);
  const peers = alike(given.peers);
  const ledTo = peers.length >= 2 && 2 * peers.length > given.peers.length;
  const own = alike(given.own);
  const from = peers.length > 0 && !ledTo ? 'another annotator' : own.length > 0 ? 'own earlier answer' : undefined;
  if (from === undefined) return undefined;
  const evidence = { from, similarity: Math.max(...(from === 'another annotator' ? peers : own)), length: text.length };
  return { flag: 'copied_text', factor: rules.factor, evidence };
}
