import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useSay } from '../i18n';
import { Choice } from './choice';
import { Heading, PlainText } from './content';
import { digitOf, useKeys } from './keys';
import { fieldsOf, textOf, textsOf } from './read';
import { Said } from './said';
import type { FormProps, TaskForm } from './task-form';

interface Config {
  readonly labels: readonly string[];
  readonly multiple: boolean;
}
interface Payload {
  readonly title: string | undefined;
  readonly text: string;
}
type Value = readonly string[];

const MANY = 12;

function Form({ config, payload, value, onChange, active }: FormProps<Config, Payload, Value>) {
  const say = useSay();
  const [filter, setFilter] = useState('');
  const shown = config.labels.filter((label) => label.toLowerCase().includes(filter.toLowerCase()));
  const toggle = (label: string) => {
    if (!config.multiple) return onChange([label]);
    onChange(value.includes(label) ? value.filter((each) => each !== label) : [...value, label]);
  };
  useKeys(active, (event) => {
    const digit = digitOf(event);
    const label = digit === undefined ? undefined : shown[digit === 0 ? 9 : digit - 1];
    if (label === undefined) return false;
    toggle(label);
    return true;
  });
  return (
    <>
      <section className="content-card" aria-label={say('work.task')}>
        <Heading title={payload.title} />
        <PlainText text={payload.text} />
      </section>
      <section className="answer" aria-label={say('work.yourAnswer')}>
        <h2 className="question">{say(config.multiple ? 'form.classificationMany' : 'form.classification')}</h2>
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
        <Said text={value.join(', ')} />
        <div className="choices">
          {shown.map((label, at) => (
            <Choice
              key={label}
              chosen={value.includes(label)}
              onChoose={() => toggle(label)}
              hint={at < 10 ? String((at + 1) % 10) : undefined}
            >
              {label}
            </Choice>
          ))}
        </div>
      </section>
    </>
  );
}

/** A text put into classes: number keys choose. */
export const classificationForm: TaskForm<Config, Payload, Value> = {
  readConfig(config) {
    const { labels, multiple } = fieldsOf(config);
    return { labels: textsOf(labels), multiple: multiple === true };
  },
  readPayload(payload) {
    const { title, text } = fieldsOf(payload);
    return { title: textOf(title), text: textOf(text) ?? '' };
  },
  start: () => [],
  restore: (draft, { labels }) => textsOf(draft).filter((each) => labels.includes(each)),
  toLabel(value, { multiple }) {
    const [first] = value;
    if (first === undefined) return { need: 'need.choice' };
    return { label: multiple ? value : first };
  },
  keys: () => [{ keys: ['1', '…', '9'], does: 'keys.digit' }],
  Form,
};
