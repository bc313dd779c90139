import { fieldsOf, listOf, textOf } from '../forms/read';

const PAIR_WORDS: Readonly<Record<string, string>> = {
  a: 'first answer is better',
  b: 'second answer is better',
  tie: 'a tie',
  both_bad: 'both are bad',
};

/** A label in one line and in words, whatever its task type; what has no words of its own stays JSON. */
export function labelText(label: unknown, most = 120): string {
  if (label === null || label === undefined) return '–';
  const text = wordsOf(label) ?? JSON.stringify(label);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function wordsOf(label: unknown): string | undefined {
  if (typeof label === 'string') return label;
  if (Array.isArray(label)) return listWords(label);
  const { choice, strength, ranks, turns, overall } = fieldsOf(label);
  if (typeof choice === 'string') {
    return `${PAIR_WORDS[choice] ?? choice}${typeof strength === 'number' ? `, by ${strength}` : ''}`;
  }
  if (Array.isArray(ranks)) return rankWords(ranks);
  // A criterion of a Likert scale may be called so, too; its score is a number.
  if (Array.isArray(turns) || (overall !== undefined && typeof overall !== 'number')) {
    const parts = [
      ...listOf(turns).flatMap((verdict, at) => (verdict === null ? [] : [`turn ${at + 1}: ${verdictWords(verdict)}`])),
      ...(overall === undefined ? [] : [`overall: ${verdictWords(overall)}`]),
    ];
    return parts.join('; ');
  }
  return scoreWords(fieldsOf(label));
}

/** Labels, or marked spans. */
function listWords(list: readonly unknown[]): string | undefined {
  if (list.length === 0) return 'nothing marked';
  const parts = list.map((each) => {
    const { label, text } = fieldsOf(each);
    if (typeof each === 'string') return each;
    return typeof label === 'string' ? `${label}${textOf(text) === undefined ? '' : ` “${textOf(text)}”`}` : undefined;
  });
  return parts.every((part) => part !== undefined) ? parts.join(', ') : undefined;
}

/** Ranks as an order, best first: "answer 2 > answers 1 = 3". */
function rankWords(ranks: readonly unknown[]): string {
  const places = new Map<number, number[]>();
  for (const [at, rank] of ranks.entries()) {
    if (typeof rank !== 'number') continue;
    places.set(rank, [...(places.get(rank) ?? []), at + 1]);
  }
  const order = [...places].sort(([a], [b]) => a - b).map(([, answers]) => answers.join(' = '));
  return order.length === 0 ? 'nothing ranked' : `answers ${order.join(' > ')}`;
}

function verdictWords(verdict: unknown): string {
  return typeof verdict === 'string' ? verdict : (scoreWords(fieldsOf(verdict)) ?? JSON.stringify(verdict));
}

function scoreWords(scores: Readonly<Record<string, unknown>>): string | undefined {
  const parts = Object.entries(scores).map(([name, score]) =>
    typeof score === 'number' || typeof score === 'string' ? `${name} ${rounded(score)}` : undefined,
  );
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join(', ') : undefined;
}

const rounded = (score: number | string) => (typeof score === 'number' ? Math.round(score * 100) / 100 : score);
