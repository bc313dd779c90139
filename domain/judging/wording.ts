/** Texts of fewer words together do not show how somebody writes. */
export const LEAST_OWN_WORDS = 1000;
/** Of the most frequent words and marks, which say little of what a text is about and much of who wrote it. */
const MOST_WORDS = 150;
/** The beginning of a text is enough. */
export const MOST_CHARACTERS = 4000;

const tokensIn = (text: string): string[] =>
  text
    .slice(0, MOST_CHARACTERS)
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}'’]+|[^\s\p{L}\p{M}\p{N}]/gu) ?? [];

/** Whether there is enough of somebody's texts to say how they write. */
export const showsStyle = (own: readonly string[]): boolean =>
  own.reduce((sum, text) => sum + tokensIn(text).length, 0) >= LEAST_OWN_WORDS;

/**
 * How like a writer's own texts each text is worded, by Cosine Delta (Smith and Aldridge 2011): the cosine of how often each
 * has the most frequent words, as deviations from the mean of all texts. Undefined where there is too little of the writer's own.
 */
export function likenessTo(own: readonly string[], texts: readonly string[]): number[] | undefined {
  const written = own.flatMap(tokensIn);
  if (written.length < LEAST_OWN_WORDS || texts.length === 0) return undefined;
  const tokens = texts.map(tokensIn);
  const counts = new Map<string, number>();
  for (const each of tokens) for (const token of each) counts.set(token, (counts.get(token) ?? 0) + 1);
  const words = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, MOST_WORDS);
  const place = new Map(words.map(([word], at) => [word, at]));
  const sharesOf = (of: readonly string[]): number[] => {
    const shares = words.map(() => 0);
    for (const token of of) {
      const at = place.get(token);
      if (at !== undefined) shares[at] = (shares[at] ?? 0) + 1 / of.length;
    }
    return shares;
  };
  const all = tokens.map(sharesOf);
  const mean = words.map((_, at) => all.reduce((sum, shares) => sum + (shares[at] ?? 0), 0) / all.length);
  const spread = words.map((_, at) =>
    Math.sqrt(all.reduce((sum, shares) => sum + ((shares[at] ?? 0) - (mean[at] ?? 0)) ** 2, 0) / all.length),
  );
  const deviations = (shares: readonly number[]) =>
    shares.map((share, at) => (spread[at] ? (share - (mean[at] ?? 0)) / spread[at] : 0));
  const target = deviations(sharesOf(written));
  return all.map((shares) => cosine(deviations(shares), target));
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const size = Math.sqrt(dot(a, a) * dot(b, b));
  return size === 0 ? 0 : dot(a, b) / size;
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, each, at) => sum + each * (b[at] ?? 0), 0);
}
