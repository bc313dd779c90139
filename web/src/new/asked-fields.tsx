import { Switch, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { TaskType } from '../api/types';
import { Choice } from '../forms/choice';
import { Prose } from '../forms/content';
import { type Text, t } from '../i18n/office';
import { TASK_TYPES, typeName } from '../ui/text';
import { ConfigFields } from './config-fields';
import { ExampleFields } from './example-fields';
import { type WorkedExample, withExamples } from './examples';
import type { Settings } from './settings';

const HINTS: Readonly<Record<TaskType, Text>> = {
  classification: 'One text, one or several labels',
  likert: 'Scores by criteria',
  pairwise: 'Which of two answers is better',
  preference_ranking: 'Several answers, best to worst',
  span: 'Mark parts of a text',
  free_text: 'Write an answer',
  dialog: 'Rate turns, and the whole',
};

interface AskedFieldsProps {
  readonly settings: Settings;
  readonly set: (change: Partial<Settings>) => void;
  /** Without it the type stays as it is: items were read by it. */
  readonly onType?: (type: TaskType) => void;
}

/** What a campaign is called, and asks. */
export function AskedFields({ settings, set, onType }: AskedFieldsProps) {
  return (
    <section className="card" aria-labelledby="what-title">
      <h2 id="what-title">{t('What is asked')}</h2>
      <div className="stack">
        <TextInput
          label={t('Name')}
          dir="auto"
          required
          maxLength={200}
          value={settings.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {onType ? (
          <div className="type-grid">
            {TASK_TYPES.map((type) => (
              <Choice
                key={type}
                chosen={settings.type === type}
                onChoose={() => type !== settings.type && onType(type)}
              >
                {typeName(type)}
                <small>{t(HINTS[type])}</small>
              </Choice>
            ))}
          </div>
        ) : (
          <p className="dim">{t('{type}: the type stays as it is.', { type: typeName(settings.type) })}</p>
        )}
        <ConfigFields type={settings.type} config={settings.config} onChange={(config) => set({ config })} />
      </div>
    </section>
  );
}

interface InstructionsFieldsProps {
  readonly settings: Settings;
  readonly set: (change: Partial<Settings>) => void;
  /** Worked examples that are put below them. */
  readonly examples?: readonly WorkedExample[];
  readonly onExamples?: (examples: readonly WorkedExample[]) => void;
}

/** What annotators read beside each task. */
export function InstructionsFields({ settings, set, examples = [], onExamples }: InstructionsFieldsProps) {
  const [shown, setShown] = useState(false);
  return (
    <section className="card" aria-labelledby="instructions-title">
      <h2 id="instructions-title">{t('Instructions')}</h2>
      <div className="stack">
        <Textarea
          label={t('What annotators read beside each task')}
          dir="auto"
          description={t(
            'Markdown, without tables and pictures. Say what each label means, and show an example that is hard.',
          )}
          autosize
          minRows={5}
          maxRows={20}
          maxLength={100_000}
          value={settings.instructions}
          onChange={(event) => set({ instructions: event.currentTarget.value })}
        />
        {onExamples && <ExampleFields examples={examples} onChange={onExamples} />}
        <Switch
          label={t('Show how it looks')}
          checked={shown}
          onChange={(event) => setShown(event.currentTarget.checked)}
        />
        {shown && (
          <div className="content-card">
            <Prose text={withExamples(settings.instructions, examples)} />
          </div>
        )}
      </div>
    </section>
  );
}
