import { useState } from 'react';
import { useSay } from '../i18n';
import { Heading, Prose } from './content';
import { AtHand, QuestionRow, useQuestionKeys } from './question-list';
import {
  type Answers,
  type Asked,
  needOf,
  type Question,
  questionsOf,
  readAsked,
  restoreAnswers,
  verdictOf,
  withAnswer,
} from './questions';
import { fieldsOf, listOf, textOf, textsOf } from './read';
import type { FormProps, TaskForm } from './task-form';

interface Config {
  readonly roles: readonly string[];
  readonly turn: Asked | undefined;
  readonly overall: Asked | undefined;
}
interface Payload {
  readonly title: string | undefined;
  readonly turns: readonly { readonly id: string; readonly role: string; readonly text: string }[];
}

interface Placed {
  /** Which turn it is about; null for the whole. */
  readonly turn: number | null;
  readonly question: Question;
}

function placedQuestions({ roles, turn, overall }: Config, { turns }: Payload, names: (turn: number | null) => string) {
  const placed: Placed[] = [];
  for (const [at, { id, role }] of turns.entries()) {
    if (!turn || !roles.includes(role)) continue;
    placed.push(...questionsOf(turn, id, names(at)).map((question) => ({ turn: at, question })));
  }
  if (overall)
    placed.push(...questionsOf(overall, 'overall', names(null)).map((question) => ({ turn: null, question })));
  return placed;
}

function Form({ config, payload, value, onChange, active }: FormProps<Config, Payload, Answers>) {
  const say = useSay();
  const [at, setAt] = useState(0);
  const placed = placedQuestions(config, payload, (turn) =>
    turn === null ? say('form.overall') : say('form.turn', { number: turn + 1 }),
  );
  const questions = placed.map(({ question }) => question);
  // The criteria of a scale are the same for every turn.
  const fullName = ({ turn, question }: Placed): Question => {
    const about = turn === null ? say('form.overall') : say('form.turn', { number: turn + 1 });
    return question.name === about ? question : { ...question, name: `${about}, ${question.name}` };
  };
  useQuestionKeys({ questions, answers: value, at, move: setAt, onChange, active });
  const rowsOf = (turn: number | null) =>
    placed.map(({ turn: about, question }, place) =>
      about !== turn ? null : (
        <QuestionRow
          key={question.id}
          question={question}
          answer={value[question.id]}
          current={place === at}
          onAnswer={(answer) => {
            setAt(place);
            onChange(withAnswer(value, question.id, answer));
          }}
        />
      ),
    );
  return (
    <>
      <section className="content-card" aria-label={say('work.task')}>
        <Heading title={payload.title} />
        <ol className="turns">
          {payload.turns.map(({ id, role, text }, turn) => (
            <li key={id} className="turn" data-judged={config.roles.includes(role) || undefined}>
              <span className="tag" dir="auto">
                {role}
              </span>
              <Prose text={text} />
              {rowsOf(turn)}
            </li>
          ))}
        </ol>
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <AtHand question={placed[at] && fullName(placed[at])} answer={value[placed[at]?.question.id ?? '']} />
        {config.overall && <h2 className="question">{say('form.overall')}</h2>}
        {rowsOf(null)}
        <p className="dim counter">
          {say('form.asked', {
            done: questions.filter(({ id }) => value[id] !== undefined).length,
            all: questions.length,
          })}
        </p>
      </section>
    </>
  );
}

/** A dialog whose turns, or the whole of it, are rated or given a choice. */
export const dialogForm: TaskForm<Config, Payload, Answers> = {
  readConfig(config) {
    const { roles, turn, overall } = fieldsOf(config);
    const named = textsOf(roles);
    return { roles: named.length > 0 ? named : ['assistant'], turn: readAsked(turn), overall: readAsked(overall) };
  },
  readPayload(payload) {
    const { title, turns } = fieldsOf(payload);
    return {
      title: textOf(title),
      turns: listOf(turns).map((each, at) => {
        const { role, text } = fieldsOf(each);
        return { id: `turn${at}`, role: textOf(role) ?? '', text: textOf(text) ?? '' };
      }),
    };
  },
  start: () => ({}),
  restore: (draft, config, payload) =>
    restoreAnswers(
      draft,
      placedQuestions(config, payload, () => '').map(({ question }) => question),
    ),
  toLabel(value, config, payload) {
    const questions = placedQuestions(config, payload, () => '').map(({ question }) => question);
    const need = needOf(questions, value);
    if (need) return need;
    const { turn, overall, roles } = config;
    const turns =
      turn && payload.turns.map(({ id, role }) => (roles.includes(role) ? (verdictOf(turn, id, value) ?? null) : null));
    return {
      label: { ...(turns ? { turns } : {}), ...(overall ? { overall: verdictOf(overall, 'overall', value) } : {}) },
    };
  },
  keys: () => [
    { keys: ['1', '…', '9'], does: 'keys.digit' },
    { keys: ['↑', '↓'], does: 'keys.move' },
  ],
  Form,
};
