import { useEffect, useRef } from 'react';
import { NumberField } from '../ui/number-field';
import { Choice } from './choice';
import { digitOf, isRtl, useKeys } from './keys';
import { type Answers, hintOf, nextOpen, optionByDigit, type Question } from './questions';
import { Said } from './said';

interface QuestionKeys {
  readonly questions: readonly Question[];
  readonly answers: Answers;
  readonly at: number;
  readonly move: (at: number) => void;
  readonly onChange: (answers: Answers) => void;
  readonly active: boolean;
}

/** Digits answer the question at hand and go on to the next open one; arrows move between questions and scores. */
export function useQuestionKeys({ questions, answers, at, move, onChange, active }: QuestionKeys): void {
  useKeys(active, (event) => {
    const question = questions[at];
    if (!question) return false;
    const set = (value: string | number) => onChange({ ...answers, [question.id]: value });
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      move((at + (event.key === 'ArrowDown' ? 1 : -1) + questions.length) % questions.length);
      return true;
    }
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      const by = event.key === (isRtl(document.documentElement) ? 'ArrowLeft' : 'ArrowRight') ? 1 : -1;
      const { options, range } = question;
      if (range) set(Math.min(range.max, Math.max(range.min, Number(answers[question.id] ?? range.min - by) + by)));
      else {
        const now = options.indexOf(answers[question.id] ?? '');
        const next = options[now < 0 ? 0 : Math.min(options.length - 1, Math.max(0, now + by))];
        if (next !== undefined) set(next);
      }
      return true;
    }
    const digit = digitOf(event);
    const option = digit === undefined ? undefined : optionByDigit(question, digit);
    if (option === undefined) return false;
    set(option);
    move(nextOpen(questions, { ...answers, [question.id]: option }, at));
    return true;
  });
}

/** Says which question is at hand, and what its answer is. */
export function AtHand({ question, answer }: { question: Question | undefined; answer: string | number | undefined }) {
  const name = question?.name ?? '';
  return <Said text={answer === undefined ? name : `${name}: ${answer}`} />;
}

interface QuestionRowProps {
  readonly question: Question;
  readonly answer: string | number | undefined;
  readonly current: boolean;
  /** Undefined takes the answer away. */
  readonly onAnswer: (value: string | number | undefined) => void;
}

export function QuestionRow({ question, answer, current, onAnswer }: QuestionRowProps) {
  const { id, name, description, options, range } = question;
  const row = useRef<HTMLFieldSetElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <fieldset
      ref={row}
      className="question-row"
      data-current={current || undefined}
      aria-current={current || undefined}
    >
      <legend dir="auto">{name}</legend>
      {description !== undefined && (
        <p className="dim question-note" dir="auto">
          {description}
        </p>
      )}
      {range ? (
        <NumberField
          aria-label={name}
          className="score"
          min={range.min}
          max={range.max}
          allowDecimal={false}
          // What does not fit is said when the answer is sent, and never made to fit.
          clampBehavior="none"
          // A minus stays on its side, whichever way the page runs.
          placeholder={`\u2066${range.min} – ${range.max}\u2069`}
          value={typeof answer === 'number' ? answer : null}
          onChange={(value) => onAnswer(value ?? undefined)}
        />
      ) : (
        <div className="choices choices-tight">
          {options.map((option) => (
            <Choice
              key={`${id} ${option}`}
              chosen={answer === option}
              onChoose={() => onAnswer(option)}
              hint={typeof option === 'string' && current ? hintOf(question, option) : undefined}
              label={`${name}: ${option}`}
            >
              {option}
            </Choice>
          ))}
        </div>
      )}
    </fieldset>
  );
}
