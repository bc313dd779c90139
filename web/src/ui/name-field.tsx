import { TextInput, type TextInputProps } from '@mantine/core';
import { t } from '../i18n/office';

interface NameFieldProps extends Pick<TextInputProps, 'dir'> {
  readonly label: string;
  readonly value: string;
  readonly onName: (name: string) => void;
}

/** Of a field for a name that there must be: not only spaces, and as long as the server takes it. */
export const nameInput = (maxLength = 200) =>
  ({ required: true, pattern: String.raw`.*\S.*`, title: t('Not only spaces'), maxLength }) as const;

/** A name to be given. */
export function NameField({ onName, ...shown }: NameFieldProps) {
  return <TextInput {...nameInput()} onChange={(event) => onName(event.currentTarget.value)} {...shown} />;
}
