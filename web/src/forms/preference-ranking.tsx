import { ActionIcon } from '@mantine/core';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useSay } from '../i18n';
import { Icon } from '../ui/icon';
import { KeyHint } from './choice';
import { Prose } from './content';
import { digitOf, useKeys } from './keys';
import { dense, type Groups, groupOf, insertAt, joinGroup, ranksOf, setRank, step, takeOut } from './rank-groups';
import { fieldsOf, listOf, textOf, textsOf } from './read';
import { Said } from './said';
import type { FormProps, TaskForm } from './task-form';

interface Config {
  readonly allowTies: boolean;
  readonly allowPartial: boolean;
  readonly criteria: readonly string[];
}
interface Payload {
  readonly prompt: string;
  readonly answers: readonly string[];
}

function Form({ config, payload, value, onChange, active }: FormProps<Config, Payload, Groups>) {
  const say = useSay();
  const [current, setCurrent] = useState(0);
  const [changed, setChanged] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const ranked = value.flat();
  const unranked = payload.answers.map((_, answer) => answer).filter((answer) => !ranked.includes(answer));
  const inOrder = [...ranked, ...unranked];
  const change = (answer: number, next: Groups) => {
    setChanged(answer);
    onChange(next);
  };
  const placeOf = (answer: number) => {
    const at = groupOf(value, answer);
    const place = at < 0 ? say('form.unranked') : say('form.rank', { rank: at + 1 });
    return `${say('form.answer', { number: answer + 1 })}: ${place}`;
  };
  // After a digit, the next answer is at hand already.
  const said = [...(changed === null || changed === current ? [] : [changed]), current].map(placeOf).join('. ');

  useKeys(active, (event) => {
    const { key, shiftKey } = event;
    if (key === 'ArrowUp' || key === 'ArrowDown') {
      const by = key === 'ArrowUp' ? -1 : 1;
      if (shiftKey) change(current, step(value, current, by));
      else {
        setChanged(null);
        setCurrent(inOrder[(inOrder.indexOf(current) + by + inOrder.length) % inOrder.length] ?? 0);
      }
      return true;
    }
    if (key === 'x' || key === 'Delete') {
      change(current, takeOut(value, current));
      return true;
    }
    const digit = digitOf(event);
    if (digit === undefined || digit < 1 || digit > payload.answers.length) return false;
    change(current, setRank(value, current, digit, { count: payload.answers.length, allowTies: config.allowTies }));
    const open = unranked.find((answer) => answer !== current);
    if (open !== undefined) setCurrent(open);
    return true;
  });

  const drop = (place: (answer: number) => Groups) => ({
    onDragOver: (event: DragEvent) => event.preventDefault(),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      event.stopPropagation();
      if (dragged === null) return;
      setCurrent(dragged);
      change(dragged, place(dragged));
      setDragged(null);
    },
  });

  // A card that comes to another rank is made anew, and so is the button in it that had the focus.
  const cards = useRef<HTMLDivElement>(null);
  const focused = useRef<string | null>(null);
  useEffect(() => {
    if (document.activeElement !== document.body) return;
    const tools = [...(cards.current?.querySelectorAll('button') ?? [])];
    const tool = tools.find(({ ariaLabel }) => ariaLabel === focused.current);
    (tool?.disabled ? tool.parentElement?.querySelector('button') : tool)?.focus();
  });

  const ranks = dense(value);
  /** The rank that a step up would come to; below 0 where there is none. */
  const above = (answer: number) => (groupOf(ranks, answer) < 0 ? ranks.length : groupOf(ranks, answer)) - 1;
  const tie = (answer: number) => {
    setCurrent(answer);
    change(answer, joinGroup(ranks, answer, above(answer)));
  };

  const card = (answer: number) => (
    <RankedAnswer
      key={answer}
      number={answer + 1}
      text={payload.answers[answer] ?? ''}
      current={answer === current}
      isRanked={ranked.includes(answer)}
      onCurrent={() => setCurrent(answer)}
      onStep={(by) => {
        setCurrent(answer);
        change(answer, step(value, answer, by));
      }}
      onOut={() => change(answer, takeOut(value, answer))}
      onTie={config.allowTies ? () => tie(answer) : undefined}
      mayTie={above(answer) >= 0}
      onDrag={(held) => setDragged(held ? answer : null)}
    />
  );

  return (
    <>
      <section className="content-card" aria-label={say('form.prompt')}>
        <span className="tag">{say('form.prompt')}</span>
        <Prose text={payload.prompt} />
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <p className="dim question-note">
          {say('form.rankHint')} {config.allowTies && say('form.rankTie')}
        </p>
        {config.criteria.length > 0 && (
          <p className="dim question-note" dir="auto">
            {say('form.judgeBy', { criteria: config.criteria.join(', ') })}
          </p>
        )}
        <Said text={said} />
        {/* biome-ignore lint/a11y/noStaticElementInteractions: it hears of its buttons' focus alone */}
        <div
          ref={cards}
          className="ranks"
          data-dragging={dragged !== null || undefined}
          onFocus={({ target }) => {
            focused.current = target.ariaLabel;
          }}
          // Not told of what is made anew.
          onBlur={() => {
            focused.current = null;
          }}
        >
          {value.map(
            (group, at) =>
              group.length > 0 && (
                <div key={group.join()}>
                  <div className="rank-gap" data-gap={at} {...drop((answer) => insertAt(value, answer, at))}>
                    {say('form.newRank')}
                  </div>
                  <fieldset
                    className="rank-group"
                    data-rank={at + 1}
                    {...drop((answer) =>
                      config.allowTies ? joinGroup(value, answer, at) : insertAt(value, answer, at),
                    )}
                  >
                    <legend>{say('form.rank', { rank: at + 1 })}</legend>
                    {group.map(card)}
                  </fieldset>
                </div>
              ),
          )}
          <div
            className="rank-gap"
            data-gap={value.length}
            {...drop((answer) => insertAt(value, answer, value.length))}
          >
            {say('form.newRank')}
          </div>
          {unranked.length > 0 && (
            <fieldset className="rank-group rank-none" data-rank="none" {...drop((answer) => takeOut(value, answer))}>
              <legend>{say('form.unranked')}</legend>
              {unranked.map(card)}
            </fieldset>
          )}
        </div>
      </section>
    </>
  );
}

interface RankedAnswerProps {
  readonly number: number;
  readonly text: string;
  readonly current: boolean;
  readonly isRanked: boolean;
  readonly onCurrent: () => void;
  readonly onStep: (by: -1 | 1) => void;
  readonly onOut: () => void;
  /** Not there where answers may not share a rank. */
  readonly onTie: (() => void) | undefined;
  readonly mayTie: boolean;
  readonly onDrag: (held: boolean) => void;
}

function RankedAnswer(props: RankedAnswerProps) {
  const { number, text, current, isRanked, onCurrent, onStep, onOut, onTie, mayTie, onDrag } = props;
  const say = useSay();
  const name = say('form.answer', { number });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is one way; buttons and keys do the same
    <div
      className="rank-card"
      draggable
      data-answer={number}
      data-current={current || undefined}
      aria-current={current || undefined}
      onPointerDown={onCurrent}
      onDragStart={(event) => {
        event.dataTransfer.setData('text/plain', String(number));
        event.dataTransfer.effectAllowed = 'move';
        onDrag(true);
      }}
      onDragEnd={() => onDrag(false)}
    >
      <div className="rank-tools">
        <Icon name="grip" />
        <span className="tag">{name}</span>
        {/* Before the gap: beside the buttons it would move them from under the pointer that presses one. */}
        {current && <KeyHint hint="1…9" />}
        <span className="spacer" />
        <ActionIcon variant="subtle" color="gray" aria-label={`${name}: ${say('form.up')}`} onClick={() => onStep(-1)}>
          <Icon name="up" />
        </ActionIcon>
        {onTie && (
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={!mayTie}
            aria-label={`${name}: ${say('form.tieUp')}`}
            onClick={onTie}
          >
            =
          </ActionIcon>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          disabled={!isRanked}
          aria-label={`${name}: ${say('form.down')}`}
          onClick={() => onStep(1)}
        >
          <Icon name="down" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          disabled={!isRanked}
          aria-label={`${name}: ${say('form.leaveOut')}`}
          onClick={onOut}
        >
          <Icon name="close" />
        </ActionIcon>
      </div>
      {text === '' ? <p className="dim">{say('form.empty')}</p> : <Prose text={text} />}
    </div>
  );
}

function restoreGroups(draft: unknown, count: number): Groups {
  const seen = new Set<number>();
  const fresh = (answer: unknown): answer is number => {
    const fits = typeof answer === 'number' && Number.isInteger(answer) && answer >= 0 && answer < count;
    if (!fits || seen.has(answer)) return false;
    seen.add(answer);
    return true;
  };
  const groups = listOf(draft).map((group) => listOf(group).filter(fresh));
  return groups.length > count || groups.at(-1)?.length === 0 ? dense(groups) : groups;
}

/** Several answers put in order: by drag, by buttons, or by digits for the one at hand. */
export const preferenceRankingForm: TaskForm<Config, Payload, Groups> = {
  readConfig(config) {
    const { allowTies, allowPartial, criteria } = fieldsOf(config);
    return { allowTies: allowTies !== false, allowPartial: allowPartial === true, criteria: textsOf(criteria) };
  },
  readPayload(payload) {
    const { prompt, answers } = fieldsOf(payload);
    return { prompt: textOf(prompt) ?? '', answers: textsOf(answers) };
  },
  start: () => [],
  restore(draft, { allowTies }, { answers }) {
    const groups = restoreGroups(draft, answers.length);
    return allowTies || groups.every(({ length }) => length < 2) ? groups : groups.flat().map((answer) => [answer]);
  },
  toLabel(value, { allowPartial }, { answers }) {
    const ranks = ranksOf(value, answers.length);
    const count = ranks.filter((rank) => rank === null).length;
    // One alone is before none.
    if (ranks.length - count < 2 && allowPartial) return { need: 'need.rankTwo' };
    if (count > 0 && !allowPartial) return { need: 'need.rank', values: { count } };
    return { label: { ranks } };
  },
  keys: () => [
    { keys: ['1', '…', '9'], does: 'keys.rankDigit' },
    { keys: ['↑', '↓'], does: 'keys.move' },
    { keys: ['Shift+↑', 'Shift+↓'], does: 'keys.rankMove' },
    { keys: ['x'], does: 'keys.rankOut' },
  ],
  Form,
};
