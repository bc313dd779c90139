import { TextInput, type TextInputProps } from '@mantine/core';
import { t } from '../i18n/office';

interface NameFieldProps extends Pick<TextInputProps, 'dir'> {
  readonly label: string;
  readonly value: string;
  readonly onName: (name: string) => void;
}

/** A name to be given: not only spaces, and as long as the server takes it. */
export function NameField({ onName, ...shown }: NameFieldProps) {
  return (
    <TextInput
      required
      pattern=".*\S.*"
      title={t('Not only spaces')}
      maxLength={200}
      onChange={(event) => onName(event.currentTarget.value)}
      {...shown}
    />
  );
}
