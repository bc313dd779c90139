import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { t } from '../i18n/office';

interface LinesFieldProps {
  readonly label: string;
  readonly description?: string;
  readonly lines: readonly string[];
  readonly onChange: (lines: string[]) => void;
}

/** A list of names, one a line. What is typed stays as it is; the list has neither blanks nor repeats. */
export function LinesField({ label, description, lines, onChange }: LinesFieldProps) {
  const [text, setText] = useState(lines.join('\n'));
  return (
    <Textarea
      label={label}
      dir="auto"
      description={description ?? t('One a line.')}
      autosize
      minRows={3}
      maxRows={12}
      value={text}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setText(value);
        onChange([...new Set(value.split('\n').map((line) => line.trim()))].filter((line) => line !== ''));
      }}
    />
  );
}
