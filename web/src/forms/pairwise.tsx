import { useSay } from '../i18n';
import { Choice } from './choice';
import { Prose } from './content';
import { digitOf, useKeys } from './keys';
import { fieldsOf, numberOf, textOf, textsOf } from './read';
import { Said } from './said';
import type { FormProps, TaskForm } from './task-form';

const CHOICES = ['a', 'b', 'tie', 'both_bad'] as const;
type PairChoice = (typeof CHOICES)[number];

interface Config {
  readonly choices: readonly PairChoice[];
  /** Most steps of "how much better"; undefined where it is not asked. */
  readonly strength: number | undefined;
  readonly criteria: readonly string[];
}
interface Payload {
  readonly prompt: string;
  readonly a: string;
  readonly b: string;
}
interface Value {
  readonly choice: PairChoice | null;
  readonly strength: number | null;
}

const WORDS = { a: 'form.firstBetter', b: 'form.secondBetter', tie: 'form.tie', both_bad: 'form.bothBad' } as const;
const LETTERS: Readonly<Record<string, PairChoice>> = { ArrowLeft: 'a', ArrowRight: 'b', t: 'tie', b: 'both_bad' };

function Form({ config, payload, value, onChange, active }: FormProps<Config, Payload, Value>) {
  const say = useSay();
  const choose = (choice: PairChoice) =>
    onChange({ choice, strength: choice === value.choice ? value.strength : null });
  const takesStrength = config.strength !== undefined && (value.choice === 'a' || value.choice === 'b');
  useKeys(active, (event) => {
    const { key } = event;
    if (takesStrength && (key === 'ArrowUp' || key === 'ArrowDown')) {
      const next = (value.strength ?? 0) + (key === 'ArrowUp' ? 1 : -1);
      onChange({ ...value, strength: next < 1 ? null : Math.min(config.strength ?? 1, next) });
      return true;
    }
    const digit = digitOf(event);
    const choice = digit === undefined ? LETTERS[key] : config.choices[digit - 1];
    if (choice === undefined || !config.choices.includes(choice)) return false;
    choose(choice);
    return true;
  });
  const said = [
    ...(value.choice === null ? [] : [say(WORDS[value.choice])]),
    ...(value.strength === null ? [] : [`${say('form.strength')} ${value.strength}`]),
  ];
  const sides = [
    ['a', 'form.first', payload.a],
    ['b', 'form.second', payload.b],
  ] as const;
  return (
    <>
      <section className="content-card" aria-label={say('form.prompt')}>
        <span className="tag">{say('form.prompt')}</span>
        <Prose text={payload.prompt} />
      </section>
      {/* The first answer and its button stand to the left in every language, where its key points. */}
      <div className="pair" dir="ltr">
        {sides.map(([side, title, text]) => (
          <section key={side} className="content-card" data-chosen={value.choice === side || undefined}>
            <h2 className="tag">{say(title)}</h2>
            {text === '' ? <p className="dim">{say('form.empty')}</p> : <Prose text={text} />}
          </section>
        ))}
      </div>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <h2 className="question">{say('form.pairQuestion')}</h2>
        {config.criteria.length > 0 && (
          <p className="dim question-note" dir="auto">
            {say('form.judgeBy', { criteria: config.criteria.join(', ') })}
          </p>
        )}
        <Said text={said.join('. ')} />
        <div className="choices choices-pair" dir="ltr">
          {config.choices.map((choice, at) => (
            <Choice
              key={choice}
              chosen={value.choice === choice}
              onChoose={() => choose(choice)}
              hint={String(at + 1)}
              wide
            >
              {say(WORDS[choice])}
            </Choice>
          ))}
        </div>
        {config.strength !== undefined && (
          <fieldset className="question-row" disabled={!takesStrength}>
            <legend>{say('form.strength')}</legend>
            <div className="choices choices-tight">
              {Array.from({ length: config.strength }, (_, at) => at + 1).map((strength) => (
                <Choice
                  key={strength}
                  chosen={value.strength === strength}
                  onChoose={() => onChange({ ...value, strength })}
                  label={`${say('form.strength')} ${strength}`}
                >
                  {'+'.repeat(Math.min(strength, 10))}
                </Choice>
              ))}
            </div>
          </fieldset>
        )}
      </section>
    </>
  );
}

/** Two answers side by side. */
export const pairwiseForm: TaskForm<Config, Payload, Value> = {
  readConfig(config) {
    const { allowTie, allowBothBad, strength, criteria } = fieldsOf(config);
    const most = numberOf(fieldsOf(strength).max, 0);
    const out = new Set([allowTie === false ? 'tie' : '', allowBothBad === false ? 'both_bad' : '']);
    return {
      choices: CHOICES.filter((choice) => !out.has(choice)),
      strength: most > 0 ? most : undefined,
      criteria: textsOf(criteria),
    };
  },
  readPayload(payload) {
    const { prompt, a, b } = fieldsOf(payload);
    return { prompt: textOf(prompt) ?? '', a: textOf(a) ?? '', b: textOf(b) ?? '' };
  },
  start: () => ({ choice: null, strength: null }),
  restore(draft, { choices, strength }) {
    const kept = fieldsOf(draft);
    const choice = choices.find((each) => each === kept.choice) ?? null;
    const much = numberOf(kept.strength, 0);
    return { choice, strength: strength !== undefined && much >= 1 && much <= strength ? much : null };
  },
  toLabel({ choice, strength }) {
    if (choice === null) return { need: 'need.choice' };
    // How much better goes with a better one.
    const isBetter = choice === 'a' || choice === 'b';
    return { label: strength === null || !isBetter ? choice : { choice, strength } };
  },
  keys: ({ strength }) => [
    { keys: ['1', '2', '←', '→'], does: 'keys.pairSides' },
    { keys: ['t', 'b'], does: 'keys.pairTie' },
    ...(strength === undefined ? [] : [{ keys: ['↑', '↓'], does: 'keys.strength' } as const]),
  ],
  Form,
};
