import type { ClassificationConfig, ClassificationPayload } from '../tasks/classification.ts';
import type { DialogConfig, DialogPayload } from '../tasks/dialog.ts';
import type { FreeTextConfig, FreeTextPayload } from '../tasks/free-text.ts';
import type { LikertConfig, LikertPayload } from '../tasks/likert.ts';
import type { PairwiseConfig, PairwisePayload } from '../tasks/pairwise.ts';
import type { PreferenceRankingConfig, PreferenceRankingPayload } from '../tasks/preference-ranking.ts';
import type { SpanConfig, SpanPayload } from '../tasks/span.ts';
import type { TaskTypeName } from '../tasks/task-type.ts';
import type { Question as Asked } from '../tasks/verdict.ts';

/** One question of a form, in words that every vendor's own form has an equal of. */
export type FormQuestion = { readonly id: string; readonly title: string } & (
  | { readonly kind: 'choice'; readonly options: readonly Option[] }
  | { readonly kind: 'choices'; readonly options: readonly Option[] }
  /** A whole number from `min` to `max`. */
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly optional?: true }
  | { readonly kind: 'text'; readonly minLength: number; readonly maxLength: number }
  /** An order of `options`, best first; with `ties` several may share a place. */
  | { readonly kind: 'ranking'; readonly options: readonly Option[]; readonly ties: boolean }
  /** Marked places of `text`, by code points, end exclusive. */
  | { readonly kind: 'spans'; readonly text: string; readonly options: readonly Option[]; readonly overlap: boolean }
);

export interface Option {
  readonly value: string;
  readonly label: string;
}

/** A task as a form: what is shown, and what is asked. */
export interface Form {
  readonly blocks: readonly { readonly title: string; readonly text: string }[];
  readonly questions: readonly FormQuestion[];
}

/** The question in which text is marked, where there is one. */
export const markingIn = ({ questions }: Form) => questions.find((question) => question.kind === 'spans');

/** By question id: a value, a list of values, a number, a text, groups of values (best first), or spans. */
export type FormAnswers = Readonly<Record<string, unknown>>;

const same = (names: readonly string[]): Option[] => names.map((name) => ({ value: name, label: name }));
const block = (title: string, text: string | undefined) => (text === undefined || text === '' ? [] : [{ title, text }]);

/**
 * The form of a task of any type. `config` and `payload` have been read by the type's own schemas, and the payload is
 * as one annotator shall see it.
 */
export function formOf(type: TaskTypeName, config: unknown, payload: unknown): Form {
  switch (type) {
    case 'classification': {
      const { labels, multiple } = config as ClassificationConfig;
      const shown = payload as ClassificationPayload;
      const kind = multiple ? ('choices' as const) : ('choice' as const);
      const blocks = [...block('Title', shown.title), ...block('Text', shown.text)];
      return { blocks, questions: [{ id: 'label', title: 'Which label fits?', kind, options: same(labels) }] };
    }
    case 'pairwise':
      return pairForm(config as PairwiseConfig, payload as PairwisePayload);
    case 'likert': {
      const { min, max, criteria } = config as LikertConfig;
      const shown = payload as LikertPayload;
      const blocks = [...block('Title', shown.title), ...block('Prompt', shown.prompt), ...block('Text', shown.text)];
      const questions = criteria.map(({ name, description }, at) => {
        const title = description === undefined ? name : `${name}: ${description}`;
        return { id: `score_${at}`, title, kind: 'number' as const, min, max };
      });
      return { blocks, questions };
    }
    case 'preference_ranking': {
      const { allowTies } = config as PreferenceRankingConfig;
      const { prompt, answers } = payload as PreferenceRankingPayload;
      const options = answers.map((_, at) => ({ value: `${at}`, label: `Answer ${at + 1}` }));
      const blocks = [...block('Prompt', prompt), ...answers.map((text, at) => ({ title: `Answer ${at + 1}`, text }))];
      const title = 'Order the answers, best first.';
      return { blocks, questions: [{ id: 'ranking', title, kind: 'ranking', options, ties: allowTies }] };
    }
    case 'span': {
      const { labels, allowOverlap } = config as SpanConfig;
      const { text, title } = payload as SpanPayload;
      const question = { id: 'spans', title: 'Mark every place that a label fits.', text, overlap: allowOverlap };
      return {
        blocks: [...block('Title', title), ...block('Text', text)],
        questions: [{ ...question, kind: 'spans', options: same(labels) }],
      };
    }
    case 'free_text': {
      const { minLength, maxLength, patternHint } = config as FreeTextConfig;
      const { title, text, prompt } = payload as FreeTextPayload;
      const asked = patternHint === undefined ? 'Your answer' : `Your answer: ${patternHint}`;
      return {
        blocks: [...block('Title', title), ...block('Text', text), ...block('Prompt', prompt)],
        questions: [{ id: 'text', title: asked, kind: 'text', minLength, maxLength }],
      };
    }
    case 'dialog':
      return dialogForm(config as DialogConfig, payload as DialogPayload);
  }
}

function pairForm(config: PairwiseConfig, { prompt, a, b }: PairwisePayload): Form {
  const options: Option[] = [
    { value: 'a', label: 'A' },
    { value: 'b', label: 'B' },
    ...(config.allowTie ? [{ value: 'tie', label: 'Tie' }] : []),
    ...(config.allowBothBad ? [{ value: 'both_bad', label: 'Both bad' }] : []),
  ];
  const by = config.criteria?.length ? ` Compare by: ${config.criteria.join(', ')}.` : '';
  const questions: FormQuestion[] = [
    { id: 'preference', title: `Which answer is better?${by}`, kind: 'choice', options },
  ];
  if (config.strength) {
    const title = 'How much better? Leave empty where neither is.';
    questions.push({ id: 'strength', title, kind: 'number', min: 1, max: config.strength.max, optional: true });
  }
  const blocks = [...block('Prompt', prompt), { title: 'Answer A', text: a }, { title: 'Answer B', text: b }];
  return { blocks, questions };
}

function dialogForm({ turn, overall, roles }: DialogConfig, { turns, title }: DialogPayload): Form {
  const shown = turns.map(({ role, text }, at) => ({ title: `Turn ${at + 1}, ${role}`, text }));
  const perTurn = turns.flatMap(({ role }, at) =>
    turn && roles.includes(role) ? asked(turn, `turn_${at}`, `Turn ${at + 1}`) : [],
  );
  const whole = overall ? asked(overall, 'overall', 'The dialog as a whole') : [];
  return { blocks: [...block('Title', title), ...shown], questions: [...perTurn, ...whole] };
}

function asked(question: Asked, id: string, title: string): FormQuestion[] {
  if ('choices' in question) return [{ id, title, kind: 'choice', options: same(question.choices) }];
  const { min, max, criteria } = question;
  return criteria.map(({ name }, at) => {
    return { id: `${id}_${at}`, title: `${title}: ${name}`, kind: 'number' as const, min, max };
  });
}
