import { Button, CloseButton, NativeSelect, Switch, TextInput } from '@mantine/core';
import type { TaskType } from '../api/types';
import { fieldsOf, listOf, textOf, textsOf } from '../forms/read';
import { t } from '../i18n/office';
import { NumberField } from '../ui/number-field';
import { LinesField } from './lines-field';

type Config = Readonly<Record<string, unknown>>;

interface ConfigFieldsProps {
  readonly type: TaskType;
  readonly config: Config;
  readonly onChange: (config: Config) => void;
}

const numberIn = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** What a task type can be set to, without a line of JSON. */
export function ConfigFields({ type, config, onChange }: ConfigFieldsProps) {
  const set = (change: Config) => {
    const entries = Object.entries({ ...config, ...change }).filter(([, value]) => value !== undefined);
    onChange(Object.fromEntries(entries));
  };
  const flag = (name: string, label: string, otherwise: boolean) => (
    <Switch
      key={name}
      label={label}
      checked={typeof config[name] === 'boolean' ? config[name] : otherwise}
      onChange={(event) => set({ [name]: event.currentTarget.checked })}
    />
  );
  const whole = (name: string, label: string, otherwise: number, min: number, max: number) => (
    <NumberField
      key={name}
      label={label}
      placeholder={String(otherwise)}
      allowDecimal={false}
      min={min}
      max={max}
      value={numberIn(config[name])}
      onChange={(value) => set({ [name]: value ?? undefined })}
    />
  );
  const names = (name: string, label: string, description?: string) => (
    <LinesField
      key={`${type} ${name}`}
      label={label}
      {...(description === undefined ? {} : { description })}
      lines={textsOf(config[name])}
      onChange={(lines) => set({ [name]: lines.length > 0 || name === 'labels' ? lines : undefined })}
    />
  );
  switch (type) {
    case 'classification':
      return (
        <div className="stack">
          {names('labels', t('Labels'), t('One a line, in the order annotators see them.'))}
          {flag('multiple', t('Several labels may be chosen'), false)}
        </div>
      );
    case 'span':
      return (
        <div className="stack">
          {names('labels', t('Labels'), t('One a line, in the order annotators see them.'))}
          {flag('allowOverlap', t('Spans may overlap'), true)}
        </div>
      );
    case 'likert':
      return <ScaleFields scale={config} onChange={set} />;
    case 'pairwise':
      return (
        <div className="stack">
          {flag('allowTie', t('Annotators may say "equally good"'), true)}
          {flag('allowBothBad', t('Annotators may say "both are bad"'), true)}
          <NumberField
            label={t('Steps of "how much better"')}
            description={t('2 to 10; empty does not ask.')}
            allowDecimal={false}
            max={10}
            value={numberIn(fieldsOf(config.strength).max)}
            onChange={(max) => set({ strength: max === null || max === 0 ? undefined : { max } })}
          />
          {names('criteria', t('Judge by (optional)'))}
        </div>
      );
    case 'preference_ranking':
      return (
        <div className="stack">
          {flag('allowTies', t('Answers may share a rank'), true)}
          {flag('allowPartial', t('Answers may be left out'), false)}
          {names('criteria', t('Judge by (optional)'))}
        </div>
      );
    case 'free_text':
      return (
        <div className="fields">
          {whole('minLength', t('Least characters'), 1, 1, 100_000)}
          {whole('maxLength', t('Most characters'), 10_000, 1, 100_000)}
          <TextInput
            label={t('Pattern (optional)')}
            description={t('The whole answer must match.')}
            value={textOf(config.pattern) ?? ''}
            onChange={(event) => set({ pattern: event.currentTarget.value || undefined })}
          />
          <TextInput
            label={t('The pattern in words')}
            dir="auto"
            description={t('Shown to annotators.')}
            value={textOf(config.patternHint) ?? ''}
            onChange={(event) => set({ patternHint: event.currentTarget.value || undefined })}
          />
        </div>
      );
    case 'dialog':
      return (
        <div className="stack">
          {names('roles', t('Whose turns are judged'))}
          <QuestionFields title={t('Each of their turns')} value={config.turn} onChange={(turn) => set({ turn })} />
          <QuestionFields
            title={t('The whole dialog')}
            value={config.overall}
            onChange={(overall) => set({ overall })}
          />
        </div>
      );
  }
}

function ScaleFields({ scale, onChange }: { scale: Config; onChange: (scale: Config) => void }) {
  const criteria = listOf(scale.criteria).map((each) => fieldsOf(each));
  const change = (at: number, next: Config | null) =>
    onChange({
      ...scale,
      criteria:
        next === null
          ? criteria.filter((_, each) => each !== at)
          : criteria.map((old, each) => (each === at ? next : old)),
    });
  return (
    <div className="stack">
      <div className="fields">
        {(['min', 'max'] as const).map((end) => (
          <NumberField
            key={end}
            label={end === 'min' ? t('Lowest score') : t('Highest score')}
            allowDecimal={false}
            value={numberIn(scale[end])}
            onChange={(value) => onChange({ ...scale, [end]: value ?? undefined })}
          />
        ))}
      </div>
      <div className="row-list">
        {criteria.map((criterion, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a criterion's place is what it is known by while it is typed
          <div key={at}>
            <TextInput
              aria-label={t('Criterion {at}', { at: at + 1 })}
              dir="auto"
              placeholder={t('Criterion')}
              value={textOf(criterion.name) ?? ''}
              onChange={(event) => change(at, { ...criterion, name: event.currentTarget.value })}
            />
            <TextInput
              aria-label={t('What criterion {at} means', { at: at + 1 })}
              dir="auto"
              placeholder={t('What it means (optional)')}
              value={textOf(criterion.description) ?? ''}
              onChange={(event) => change(at, { ...criterion, description: event.currentTarget.value || undefined })}
            />
            <CloseButton
              aria-label={t('Remove criterion {at}', { at: at + 1 })}
              disabled={criteria.length < 2}
              onClick={() => change(at, null)}
            />
          </div>
        ))}
        <Button
          size="xs"
          variant="default"
          onClick={() => onChange({ ...scale, criteria: [...criteria, { name: `criterion ${criteria.length + 1}` }] })}
        >
          {t('Add a criterion')}
        </Button>
      </div>
    </div>
  );
}

interface QuestionFieldsProps {
  readonly title: string;
  readonly value: unknown;
  readonly onChange: (value: Config | undefined) => void;
}

const NEW_QUESTIONS: Readonly<Record<string, Config | undefined>> = {
  none: undefined,
  choices: { choices: ['good', 'bad'] },
  scale: { min: 1, max: 5, criteria: [{ name: 'helpful' }] },
};

function QuestionFields({ title, value, onChange }: QuestionFieldsProps) {
  const question = fieldsOf(value);
  const kind = 'choices' in question ? 'choices' : 'criteria' in question ? 'scale' : 'none';
  return (
    <fieldset className="question-row">
      <legend>{title}</legend>
      <div className="stack">
        <NativeSelect
          label={t('Asked for')}
          value={kind}
          onChange={(event) => onChange(NEW_QUESTIONS[event.currentTarget.value])}
          data={[
            { value: 'none', label: t('nothing') },
            { value: 'choices', label: t('one of some choices') },
            { value: 'scale', label: t('scores by criteria') },
          ]}
        />
        {kind === 'choices' && (
          <LinesField
            label={t('Choices')}
            lines={textsOf(question.choices)}
            onChange={(choices) => onChange({ choices })}
          />
        )}
        {kind === 'scale' && <ScaleFields scale={question} onChange={onChange} />}
      </div>
    </fieldset>
  );
}
