import { Button, CloseButton, Textarea } from '@mantine/core';
import { t } from '../i18n/office';
import type { WorkedExample } from './examples';

interface ExampleFieldsProps {
  readonly examples: readonly WorkedExample[];
  readonly onChange: (examples: readonly WorkedExample[]) => void;
}

/** Worked examples: taken from the preview, each with why it is answered so. */
export function ExampleFields({ examples, onChange }: ExampleFieldsProps) {
  const swap = (at: number) => {
    const next = [...examples];
    const [before, here] = [next[at - 1], next[at]];
    if (!before || !here) return;
    next[at - 1] = here;
    next[at] = before;
    onChange(next);
  };
  return (
    <fieldset className="question-row">
      <legend>{t('Worked examples')}</legend>
      {examples.length === 0 && (
        <p className="dim">
          {t('Answer a row in the preview and choose “Use as a worked example”: it is shown below the instructions.')}
        </p>
      )}
      <ol className="stack">
        {examples.map(({ content, answer, why }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an example's place is its number, and two may be the same
          <li key={at}>
            <div className="page-head">
              <strong className="label-text" dir="auto">
                {answer}
              </strong>
              <span className="spacer" />
              {at > 0 && (
                <Button size="compact-xs" variant="default" onClick={() => swap(at)}>
                  {t('Move example {at} up', { at: at + 1 })}
                </Button>
              )}
              <CloseButton
                aria-label={t('Remove example {at}', { at: at + 1 })}
                onClick={() => onChange(examples.filter((_, each) => each !== at))}
              />
            </div>
            <p className="dim label-text" dir="auto">
              {content.length > 160 ? `${content.slice(0, 160)}…` : content}
            </p>
            <Textarea
              label={t('Why example {at} is answered so', { at: at + 1 })}
              dir="auto"
              autosize
              minRows={1}
              maxLength={2000}
              value={why}
              onChange={(event) => {
                const next = event.currentTarget.value;
                onChange(examples.map((old, each) => (each === at ? { ...old, why: next } : old)));
              }}
            />
          </li>
        ))}
      </ol>
    </fieldset>
  );
}
