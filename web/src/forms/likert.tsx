import { useState } from 'react';
import { useSay } from '../i18n';
import { Heading, Prose } from './content';
import { AtHand, QuestionRow, useQuestionKeys } from './question-list';
import {
  type Answers,
  needOf,
  questionsOf,
  readScale,
  restoreAnswers,
  type Scale,
  verdictOf,
  withAnswer,
} from './questions';
import { fieldsOf, textOf } from './read';
import type { FormProps, TaskForm } from './task-form';

interface Payload {
  readonly title: string | undefined;
  readonly prompt: string | undefined;
  readonly text: string;
}

const PREFIX = 'score';

function Form({ config, payload, value, onChange, active }: FormProps<Scale, Payload, Answers>) {
  const say = useSay();
  const [at, setAt] = useState(0);
  const questions = questionsOf(config, PREFIX, '');
  useQuestionKeys({ questions, answers: value, at, move: setAt, onChange, active });
  return (
    <>
      <section className="content-card" aria-label={say('work.task')}>
        <Heading title={payload.title} />
        {payload.prompt !== undefined && (
          <div className="prompt">
            <span className="tag">{say('form.prompt')}</span>
            <Prose text={payload.prompt} />
          </div>
        )}
        <Prose text={payload.text} />
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <AtHand question={questions[at]} answer={value[questions[at]?.id ?? '']} />
        {questions.map((question, place) => (
          <QuestionRow
            key={question.id}
            question={question}
            answer={value[question.id]}
            current={place === at}
            onAnswer={(score) => {
              setAt(place);
              onChange(withAnswer(value, question.id, score));
            }}
          />
        ))}
      </section>
    </>
  );
}

/** A text rated by criteria: digits score the criterion at hand and go on to the next. */
export const likertForm: TaskForm<Scale, Payload, Answers> = {
  readConfig: readScale,
  readPayload(payload) {
    const { title, prompt, text } = fieldsOf(payload);
    return { title: textOf(title), prompt: textOf(prompt), text: textOf(text) ?? '' };
  },
  start: () => ({}),
  restore: (draft, config) => restoreAnswers(draft, questionsOf(config, PREFIX, '')),
  toLabel(value, config) {
    return needOf(questionsOf(config, PREFIX, ''), value) ?? { label: verdictOf(config, PREFIX, value) };
  },
  keys: () => [
    { keys: ['1', '…', '9'], does: 'keys.digit' },
    { keys: ['↑', '↓'], does: 'keys.move' },
  ],
  Form,
};
