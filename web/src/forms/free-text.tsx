import { Textarea } from '@mantine/core';
import { useId } from 'react';
import { useSay } from '../i18n';
import { Heading, PlainText, Prose } from './content';
import { fieldsOf, numberOf, textOf } from './read';
import type { FormProps, TaskForm } from './task-form';

interface Config {
  readonly minLength: number;
  readonly maxLength: number;
  readonly pattern: string | undefined;
  readonly patternHint: string | undefined;
}
interface Payload {
  readonly title: string | undefined;
  readonly prompt: string | undefined;
  readonly text: string | undefined;
}

/** As it is stored: composed, without blanks around it, and without what no database keeps. */
const normal = (text: string) =>
  text
    .replace(/\0|\p{Surrogate}/gu, '')
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .trim();
const lengthOf = (text: string) => [...text].length;

function Form({ config, payload, value, onChange }: FormProps<Config, Payload, string>) {
  const say = useSay();
  const id = useId();
  const count = lengthOf(normal(value));
  return (
    <>
      <section className="content-card" aria-label={say('work.task')}>
        <Heading title={payload.title} />
        {payload.prompt !== undefined && <Prose text={payload.prompt} />}
        {payload.text !== undefined && <PlainText text={payload.text} />}
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <Textarea
          id={id}
          label={say('form.write')}
          description={config.patternHint}
          dir="auto"
          autosize
          minRows={4}
          maxRows={16}
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <p className="dim counter" data-over={count > config.maxLength || undefined}>
          {say('form.characters', { count, max: config.maxLength })}
        </p>
      </section>
    </>
  );
}

/** About a second of the browser's search, which goes through all ways there are. */
const MOST_WAYS = 2e7;

/** No fewer than the ways in which a pattern can be tried on a text: exponential where what is repeated repeats. */
function waysOf(pattern: string, length: number): number {
  const turns = pattern.match(/[*+?{|]/g)?.length ?? 0;
  return /\)[*+?{]/.test(pattern) ? (turns + 2) ** length : (length + 2) ** turns;
}

/** Whether all of the text matches; what might hold up the page, or this browser cannot read, is left to the server. */
function matches(pattern: string, text: string): boolean {
  if (waysOf(pattern, lengthOf(text)) > MOST_WAYS) return true;
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').test(text);
  } catch {
    return true;
  }
}

/** An answer in one's own words: Ctrl+Enter sends it. */
export const freeTextForm: TaskForm<Config, Payload, string> = {
  readConfig(config) {
    const { minLength, maxLength, pattern, patternHint } = fieldsOf(config);
    return {
      minLength: numberOf(minLength, 1),
      maxLength: numberOf(maxLength, 10_000),
      pattern: textOf(pattern),
      patternHint: textOf(patternHint),
    };
  },
  readPayload(payload) {
    const { title, prompt, text } = fieldsOf(payload);
    return { title: textOf(title), prompt: textOf(prompt), text: textOf(text) };
  },
  start: () => '',
  restore: (draft) => textOf(draft),
  toLabel(value, { minLength, maxLength, pattern, patternHint }) {
    const text = normal(value);
    const count = lengthOf(text);
    if (count < minLength) return { need: 'need.short', values: { count: minLength } };
    if (count > maxLength) return { need: 'need.long', values: { count: maxLength } };
    if (pattern !== undefined && !matches(pattern, text)) {
      return { need: 'need.pattern', values: { hint: patternHint ?? pattern } };
    }
    return { label: text };
  },
  keys: () => [],
  Form,
};
