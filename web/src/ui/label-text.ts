import { fieldsOf, listOf, textOf } from '../forms/read';
import type { Say } from '../i18n';
import { t } from '../i18n/office';

/** How labels are put into words. */
export interface LabelWords {
  readonly choices: Readonly<Record<string, string>>;
  readonly strength: (steps: number) => string;
  readonly turn: (number: number) => string;
  readonly overall: string;
  readonly nothingMarked: string;
  readonly nothingRanked: string;
  /** Of places, each with the numbers of its answers, best first. */
  readonly ranks: (places: readonly (readonly number[])[]) => string;
}

/** For those who know the data as it is stored. */
const officeWords = (): LabelWords => ({
  choices: {
    a: t('first answer is better'),
    b: t('second answer is better'),
    tie: t('a tie'),
    both_bad: t('both are bad'),
  },
  strength: (steps) => t(', by {steps}', { steps }),
  turn: (number) => t('turn {number}', { number }),
  overall: t('overall'),
  nothingMarked: t('nothing marked'),
  nothingRanked: t('nothing ranked'),
  ranks: (places) => t('answers {places}', { places: places.map((answers) => answers.join(' = ')).join(' > ') }),
});

/** For annotators: the words of the forms. */
export function formWords(say: Say): LabelWords {
  return {
    choices: {
      a: say('form.firstBetter'),
      b: say('form.secondBetter'),
      tie: say('form.tie'),
      both_bad: say('form.bothBad'),
    },
    strength: (steps) => ` (+${steps})`,
    turn: (number) => say('form.turn', { number }),
    overall: say('form.overall'),
    nothingMarked: say('form.nothingMarked'),
    nothingRanked: say('form.nothingRanked'),
    ranks: (places) =>
      places.map((answers) => answers.map((number) => say('form.answer', { number })).join(' = ')).join(' > '),
  };
}

/** A label in one line and in words, whatever its task type, by default in those of who runs the campaign; what has no words of its own stays JSON. */
export function labelText(label: unknown, most = 120, words: LabelWords = officeWords()): string {
  if (label === null || label === undefined) return '–';
  const text = wordsOf(label, words) ?? JSON.stringify(label);
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function wordsOf(label: unknown, words: LabelWords): string | undefined {
  if (typeof label === 'string') return label;
  if (Array.isArray(label)) return listWords(label, words);
  const { choice, strength, ranks, turns, overall } = fieldsOf(label);
  if (typeof choice === 'string') {
    return `${words.choices[choice] ?? choice}${typeof strength === 'number' ? words.strength(strength) : ''}`;
  }
  if (Array.isArray(ranks)) return rankWords(ranks, words);
  // A criterion of a Likert scale may be called so, too; its score is a number.
  if (Array.isArray(turns) || (overall !== undefined && typeof overall !== 'number')) {
    const parts = [
      ...listOf(turns).flatMap((verdict, at) =>
        verdict === null ? [] : [`${words.turn(at + 1)}: ${verdictWords(verdict)}`],
      ),
      ...(overall === undefined ? [] : [`${words.overall}: ${verdictWords(overall)}`]),
    ];
    return parts.join('; ');
  }
  return scoreWords(fieldsOf(label));
}

/** Labels, or marked spans. */
function listWords(list: readonly unknown[], { nothingMarked }: LabelWords): string | undefined {
  if (list.length === 0) return nothingMarked;
  const parts = list.map((each) => {
    const { label, text } = fieldsOf(each);
    if (typeof each === 'string') return each;
    return typeof label === 'string' ? `${label}${textOf(text) === undefined ? '' : ` “${textOf(text)}”`}` : undefined;
  });
  return parts.every((part) => part !== undefined) ? parts.join(', ') : undefined;
}

/** Ranks as an order, best first: "answer 2 > answers 1 = 3". */
function rankWords(ranks: readonly unknown[], words: LabelWords): string {
  const places = new Map<number, number[]>();
  for (const [at, rank] of ranks.entries()) {
    if (typeof rank !== 'number') continue;
    places.set(rank, [...(places.get(rank) ?? []), at + 1]);
  }
  const order = [...places].sort(([a], [b]) => a - b).map(([, answers]) => answers);
  return order.length === 0 ? words.nothingRanked : words.ranks(order);
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
