import { CloseButton, TextInput } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useSay } from '../i18n';
import { KeyHint } from './choice';
import { Heading } from './content';
import { digitOf, isRtl, isTyping, useKeys } from './keys';
import { fieldsOf, listOf, numberOf, textOf, textsOf } from './read';
import { Said } from './said';
import {
  type Cursor,
  characterEdge,
  inOrder,
  overlaps,
  pointsBefore,
  pointsOf,
  type Span,
  sameSpan,
  segmentsOf,
  trimmed,
  wordEdge,
} from './span-text';
import type { FormProps, TaskForm } from './task-form';

interface Config {
  readonly labels: readonly string[];
  readonly allowOverlap: boolean;
  readonly maxSpans: number;
}
interface Payload {
  readonly title: string | undefined;
  readonly text: string;
}

/** Ways to mark, told apart by colour and by kind of line; see `.mark-0` and so on. */
const STYLES = 8;
const MANY = 12;
/** Lines under the text that fit between two lines of it. */
const MOST_LINES = 4;

function Form({ config, payload, value, onChange, active }: FormProps<Config, Payload, readonly Span[]>) {
  const say = useSay();
  const holder = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<Cursor & { readonly native?: boolean }>({ anchor: 0, head: 0 });
  const [filter, setFilter] = useState('');
  const [refusal, setRefusal] = useState<string | null>(null);
  const points = pointsOf(payload.text);
  const labels = config.labels.filter((label) => label.toLowerCase().includes(filter.toLowerCase()));
  const styleOf = (label: string) => config.labels.indexOf(label) % STYLES;

  const onSelect = useEffectEvent(() => {
    const found = holder.current && selectionIn(holder.current, points.length);
    if (!found) return;
    // Whoever looks for a label keeps what they selected, and sees it still.
    if (found.elsewhere && isTyping(document.activeElement)) setCursor({ ...cursor, native: false });
    else setCursor({ ...found, native: !found.elsewhere });
  });
  useEffect(() => {
    const listen = () => onSelect();
    document.addEventListener('selectionchange', listen);
    return () => document.removeEventListener('selectionchange', listen);
  }, []);

  const mark = (label: string) => {
    const part = trimmed(points, cursor.anchor, cursor.head);
    if (!part) return;
    const span = { ...part, label };
    setRefusal(null);
    if (value.some((each) => sameSpan(each, span))) return;
    if (value.length >= config.maxSpans) return setRefusal(say('form.spanMax', { count: config.maxSpans }));
    if (!config.allowOverlap && value.some((each) => overlaps(each, span))) return setRefusal(say('form.spanOverlap'));
    window.getSelection()?.removeAllRanges();
    setCursor({ anchor: part.end, head: part.end });
    onChange(inOrder([...value, span]));
  };
  const selected = trimmed(points, cursor.anchor, cursor.head) !== undefined;
  const list = useRef<HTMLHeadingElement>(null);
  const remove = (span: Span) => onChange(value.filter((each) => !sameSpan(each, span)));

  useKeys(active, (event) => {
    const { key, shiftKey } = event;
    const move = (head: number) => {
      window.getSelection()?.removeAllRanges();
      setCursor({ anchor: shiftKey ? cursor.anchor : head, head });
      return true;
    };
    // Arrows go the way the text runs.
    const forward = isRtl(holder.current) ? 'ArrowLeft' : 'ArrowRight';
    if (key === 'ArrowRight' || key === 'ArrowLeft')
      return move(wordEdge(payload.text, cursor.head, key === forward ? 1 : -1));
    if (key === ',') return move(characterEdge(payload.text, cursor.head, -1));
    if (key === '.') return move(characterEdge(payload.text, cursor.head, 1));
    if (key === 'Home') return move(0);
    if (key === 'End') return move(points.length);
    if (key === 'Delete' || key === 'Backspace') {
      const at = cursor.head;
      const last = value.findLast(({ start, end }) => start <= at && end >= at);
      if (last) remove(last);
      return last !== undefined;
    }
    const digit = digitOf(event);
    const label = digit === undefined ? undefined : labels[digit === 0 ? 9 : digit - 1];
    if (label === undefined) return false;
    mark(label);
    return true;
  });

  // The browser shows its own selection, which cutting the text anew would disturb while it is being drawn.
  const shownCursor = cursor.native ? { anchor: 0, head: 0 } : cursor;
  const [from, to] = [Math.min(shownCursor.anchor, shownCursor.head), Math.max(shownCursor.anchor, shownCursor.head)];
  // Without a selection, the word the cursor stands before.
  const ahead = from < to ? to : wordEdge(payload.text, to, 1);
  const said = cursor.native ? '' : points.slice(from, ahead).join('').trim();
  return (
    <>
      <section className="content-card" aria-label={say('form.spanText')}>
        <Said text={said} />
        <Heading title={payload.title} />
        <div ref={holder} className="plain span-text" dir="auto">
          {segmentsOf(points.length, value, shownCursor).map(({ start, end, spans }) => (
            <span
              key={start}
              data-start={start}
              data-selected={(start >= from && end <= to) || undefined}
              data-cursor={(!cursor.native && start === cursor.head) || undefined}
              className={`segment lines-${Math.min(spans.length, MOST_LINES)}${spans
                .slice(0, MOST_LINES)
                .map((span, line) => ` line-${line}-mark-${styleOf(span.label)}`)
                .join('')}`}
              title={spans.length > 0 ? spans.map(({ label }) => label).join(', ') : undefined}
            >
              {points.slice(start, end).join('')}
            </span>
          ))}
          {!cursor.native && cursor.head === points.length && <span data-start={points.length} data-cursor />}
        </div>
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <p className="dim question-note">{say('form.spanHint')}</p>
        {config.labels.length > MANY && (
          <TextInput
            className="filter"
            aria-label={say('form.filter')}
            placeholder={say('form.filter')}
            dir="auto"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )}
        <div className="choices">
          {labels.map((label, at) => (
            <button
              key={label}
              type="button"
              // With nothing selected, Enter sends the answer.
              data-choice={selected ? 'open' : 'done'}
              className="choice"
              // Keeps what is selected in the text.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => mark(label)}
            >
              {at < 10 && <KeyHint hint={String((at + 1) % 10)} />}
              <span className={`swatch mark-${styleOf(label)}`} aria-hidden="true" />
              <span dir="auto">{label}</span>
            </button>
          ))}
        </div>
        {refusal !== null && (
          <p className="refusal" role="alert">
            {refusal}
          </p>
        )}
        <h2 className="question" ref={list} tabIndex={-1}>
          {say('form.spanMarked')} ({value.length})
        </h2>
        {value.length === 0 && <p className="dim">{say('form.spanNone')}</p>}
        <ul className="span-list">
          {value.map((span) => {
            const text = points.slice(span.start, span.end).join('');
            return (
              <li key={`${span.start} ${span.end} ${span.label}`}>
                <span className={`swatch mark-${styleOf(span.label)}`} aria-hidden="true" />
                <strong dir="auto">{span.label}</strong>
                <span className="span-quote" dir="auto">
                  {text}
                </span>
                <CloseButton
                  size="sm"
                  aria-label={say('form.spanRemove', { label: span.label, text: text.slice(0, 60) })}
                  onClick={() => {
                    // The button goes with its mark.
                    list.current?.focus({ preventScroll: true });
                    remove(span);
                  }}
                />
              </li>
            );
          })}
        </ul>
      </section>
    </>
  );
}

/**
 * The browser's selection as code points of the text in `holder`, where it is cut off: an end that lies outside is the
 * nearer end of the text. Undefined where nothing is selected at all, not even a place.
 */
function selectionIn(holder: HTMLElement, length: number): (Cursor & { readonly elsewhere: boolean }) | undefined {
  const selection = window.getSelection();
  if (!selection?.anchorNode || !selection.focusNode) return undefined;
  const anchor = placeOf(holder, selection.anchorNode, selection.anchorOffset, length);
  const head = placeOf(holder, selection.focusNode, selection.focusOffset, length);
  const outside = !holder.contains(selection.anchorNode) && !holder.contains(selection.focusNode);
  return { anchor, head, elsewhere: outside && anchor === head };
}

function placeOf(holder: HTMLElement, node: Node, offset: number, length: number): number {
  if (!holder.contains(node)) {
    const whole = document.createRange();
    whole.selectNodeContents(holder);
    return whole.comparePoint(node, offset) < 0 ? 0 : length;
  }
  const segment = node instanceof Text ? node.parentElement?.closest<HTMLElement>('[data-start]') : undefined;
  if (segment && node instanceof Text) return Number(segment.dataset.start) + pointsBefore(node.data, offset);
  // An element's offset counts its children.
  const before = document.createRange();
  before.setStart(holder, 0);
  before.setEnd(node, offset);
  return Array.from(before.toString()).length;
}

/** Parts of a text marked with labels, which may overlap: by mouse, by touch, and by keys. */
export const spanForm: TaskForm<Config, Payload, readonly Span[]> = {
  readConfig(config) {
    const { labels, allowOverlap, maxSpans } = fieldsOf(config);
    return { labels: textsOf(labels), allowOverlap: allowOverlap !== false, maxSpans: numberOf(maxSpans, 1000) };
  },
  readPayload(payload) {
    const { title, text } = fieldsOf(payload);
    return { title: textOf(title), text: textOf(text) ?? '' };
  },
  start: () => [],
  restore(draft, { labels, allowOverlap, maxSpans }, { text }) {
    const { length } = pointsOf(text);
    const spans = listOf(draft).flatMap((each) => {
      const { start, end, label } = fieldsOf(each);
      const [from, to, name] = [numberOf(start, -1), numberOf(end, -1), textOf(label) ?? ''];
      const fits = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length;
      return fits && labels.includes(name) ? [{ start: from, end: to, label: name }] : [];
    });
    const kept: Span[] = [];
    for (const span of inOrder(spans)) {
      const clashes = kept.some((each) => sameSpan(each, span) || (!allowOverlap && overlaps(each, span)));
      if (!clashes && kept.length < maxSpans) kept.push(span);
    }
    return kept;
  },
  toLabel(value, _config, { text }) {
    const points = pointsOf(text);
    if (value.length === 0) return { label: [], confirm: 'form.confirmNothing' };
    return { label: value.map((span) => ({ ...span, text: points.slice(span.start, span.end).join('') })) };
  },
  keys: () => [
    { keys: ['←', '→'], does: 'keys.word' },
    { keys: [',', '.'], does: 'keys.letter' },
    { keys: ['1', '…', '9'], does: 'keys.digit' },
    { keys: ['Delete'], does: 'keys.unmark' },
  ],
  Form,
};
