/**
 * Words by which a writer leaves open whether something is so (epistemic markers, after Hyland's list of hedges), in
 * English. Where a word has another use that is frequent, only that is left out: "May 2024" is a month, "kind of" a sort.
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

/** Epistemic markers a word of a text; 0 of one without words. */
export function hedging(text: string): number {
  const low = text.toLowerCase();
  const words = low.match(/[\p{L}\p{N}'’]+/gu)?.length ?? 0;
  if (words === 0) return 0;
  return MARKERS.reduce((sum, marker) => sum + (low.match(marker)?.length ?? 0), 0) / words;
}
