import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { t } from '../i18n/office';
import { nameInput } from '../ui/name-field';
import { FaultNotice } from '../ui/page-error';

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly organisation: string;
}

interface Asked {
  readonly fields: readonly (keyof Account)[];
  readonly action: string;
  readonly create: (account: Account) => Promise<unknown>;
}

const LABELS = {
  name: 'Your name',
  email: 'E-mail',
  password: 'Password',
  organisation: 'Organisation',
} as const;
const AUTOCOMPLETE = { name: 'name', email: 'username', organisation: 'organization' } as const;
/** As the server has it. */
export const LEAST_PASSWORD = 10;
export const MOST_PASSWORD = 128;

/** Asks for what an account needs and makes it. */
export function NewAccount({ fields, action, create }: Asked) {
  const [account, setAccount] = useState<Account>({ name: '', email: '', password: '', organisation: '' });
  const save = useMutation({ mutationFn: () => create(account) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {fields.map((field) => {
          const common = {
            label: t(LABELS[field]),
            required: true,
            value: account[field],
            onChange: (event: { currentTarget: { value: string } }) => {
              const { value } = event.currentTarget;
              setAccount((before) => ({ ...before, [field]: value }));
            },
          };
          if (field !== 'password') {
            const type = field === 'email' ? 'email' : 'text';
            const named = field === 'email' ? {} : nameInput();
            return <TextInput key={field} {...common} {...named} type={type} autoComplete={AUTOCOMPLETE[field]} />;
          }
          return (
            <PasswordInput
              key={field}
              {...common}
              description={t('At least {count} characters.', { count: LEAST_PASSWORD })}
              minLength={LEAST_PASSWORD}
              maxLength={MOST_PASSWORD}
              autoComplete="new-password"
            />
          );
        })}
        <FaultNotice error={save.error} />
        <Button type="submit" loading={save.isPending}>
          {action}
        </Button>
      </Stack>
    </form>
  );
}
