/**
 * Words by which a writer leaves open whether something is so (epistemic markers, after Hyland's list of hedges). Where a
 * word has another use that is frequent, only that is left out: "May 2024" is a month, "kind of" a sort.
 */
const MARKERS: readonly RegExp[] = [
  /\b(?:might|perhaps|maybe|possibly|probably|presumably|seemingly|apparently|arguably|conceivably|supposedly)\b/g,
  /\b(?:could|may(?!\s+\d)|would\s+seem|unlikely|uncertain|unsure|unclear)\b/g,
  /\b(?<!(?:would|not)\s)likely\b/g,
  /\b(?:seems?|appears?|suggests?|tends?)\s+(?:to|that|like)\b/g,
  /\bi\s+(?:think|believe|guess|suppose|suspect|assume)\b/g,
  /\b(?:as\s+far\s+as\s+i\s+know|to\s+(?:the\s+best\s+of\s+)?my\s+knowledge|it\s+depends|in\s+(?:some|many|most)\s+cases)\b/g,
  /\b(?:not|never)\s+(?:\w+\s+)?(?:sure|certain|clear)\b/g,
  /\b(?:roughly|approximately|generally|usually|typically|sometimes|often|somewhat|more\s+or\s+less)\b/g,
];

/** The most frequent ones of other languages; no two languages mean something else by one of them. */
const ELSEWHERE = [
  // German
  'vielleicht|möglicherweise|wahrscheinlich|vermutlich|eventuell|womöglich|anscheinend|offenbar|ungefähr|manchmal|gewöhnlich|normalerweise|ich glaube|ich denke|ich vermute|nicht sicher|unklar|könnten?|dürften?',
  // French
  'peut-être|probablement|sans doute|apparemment|éventuellement|vraisemblablement|environ|parfois|généralement|souvent|il semble|je crois|je pense|je suppose|pas sûre?|pas certaine?|pourra(?:it|ient)',
  // Spanish
  'quizás?|tal vez|probablemente|posiblemente|aparentemente|aproximadamente|a veces|generalmente|normalmente|parece que|creo que|supongo que|no estoy segur[oa]|podrían?',
  // Arabic
  'ربما|لعل|من المحتمل|من الممكن|على الأرجح|يبدو|أظن|أعتقد|تقريب[اً]+|أحيان[اً]+|عادةً?|غالب[اً]+|لست متأكد[اًة]*|غير واضح',
];
const WORDS_ELSEWHERE = new RegExp(`(?<![\\p{L}\\p{M}])(?:${ELSEWHERE.join('|')})(?![\\p{L}\\p{M}])`, 'gu');

export const wordCount = (text: string): number => text.match(/[\p{L}\p{M}\p{N}'’]+/gu)?.length ?? 0;

/** Epistemic markers a word of a text; 0 of one without words. */
export function hedging(text: string): number {
  const low = text.normalize('NFC').toLowerCase();
  const words = wordCount(low);
  if (words === 0) return 0;
  return [...MARKERS, WORDS_ELSEWHERE].reduce((sum, marker) => sum + (low.match(marker)?.length ?? 0), 0) / words;
}
